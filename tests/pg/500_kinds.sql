-- The list of a schema's objects: each kind is in it, and what is created,
-- altered or dropped behind our back changes exactly its own objects.
\set QUIET 1
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only on
\set ECHO none
SET client_min_messages = error;
BEGIN;
CREATE EXTENSION migrate;
CREATE ROLE migrate_kinds_owner;
CREATE ROLE migrate_kinds_reader;
\set schema app
\i kinds.psql
\i kinds_global.psql
\i kinds_cases.psql

-- What a statement changes; it is then undone.
CREATE FUNCTION pg_temp.changes(statement text) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    BEGIN
        EXECUTE statement;
        SELECT string_agg(format('%s %s %s', change, kind, object), E'\n'
                          ORDER BY kind COLLATE "C", object COLLATE "C")
        INTO found FROM migrate_drift();
        RAISE EXCEPTION USING ERRCODE = 'P0U00';
    EXCEPTION
        WHEN SQLSTATE 'P0U00' THEN NULL;
        WHEN OTHERS THEN found := SQLERRM;
    END;
    RETURN coalesce(found, 'nothing');
END $$;

SELECT plan(8 + (SELECT count(*)::int FROM kinds_case));

SELECT migrate_accept();
SELECT is_empty('SELECT * FROM migrate_drift()', 'what is recorded is there');

-- Kinds that cannot be made in a transaction, or not without a module that
-- nobody has: tablespace, security label.
SELECT is((SELECT string_agg(DISTINCT kind, ', ' ORDER BY kind)
           FROM migrate_object WHERE kind <> 'record'
               AND NOT kind = 'publication schema'),
    'access method, aggregate, cast, collation, column, comment, constraint, '
    'conversion, default privileges, domain, enum, event trigger, extension, '
    'extension version, foreign table, foreign-data wrapper, function, index, '
    'language, materialized view, operator, operator class, operator family, '
    'owner, policy, privileges, procedure, publication, publication table, '
    'range, rule, schema, sequence, server, statistics, table, '
    'text search configuration, text search dictionary, text search parser, '
    'text search template, transform, trigger, type, view',
    'every kind is told');
SELECT is_empty('SELECT kind, identity FROM migrate_object
                 WHERE definition ~ ''secret[0-9]''', 'but no secret');
SELECT is_empty('SELECT kind, identity FROM migrate_object o
                 WHERE parent IS NOT NULL AND NOT EXISTS (SELECT FROM
                     migrate_object p WHERE p.parent IS NULL
                     AND p.identity = o.parent AND p.target = o.target)',
                'what is a part is one of something');
SELECT is_empty('SELECT kind, identity FROM migrate_object
                 WHERE identity ~ ''(migrate|pgtap|hstore_|pg_toast)'' AND
                     identity !~ ''(migrate_kinds|extension pgtap)''
                     AND (kind, identity) <> (''extension'', ''pgtap'')',
                'what belongs to extensions or the server is not told');

-- How the session writes things makes no difference.
SET search_path = app, public, pg_catalog;
SET quote_all_identifiers = on;
SET DateStyle = 'German, DMY';
SET IntervalStyle = 'sql_standard';
SET TimeZone = 'America/New_York';
SET extra_float_digits = -5;
SET bytea_output = 'escape';
SET xmlbinary = 'hex';
SET standard_conforming_strings = off;
SELECT is_empty('SELECT * FROM migrate_drift()',
                'no setting changes what is told');
SELECT is(current_setting('DateStyle') || current_setting('search_path'),
          'German, DMYapp, public, pg_catalog', 'the settings are left alone');
RESET ALL;
SET client_min_messages = error;

SELECT is(pg_temp.changes(statement), expected, statement)
FROM kinds_case ORDER BY number;
SELECT is_empty('SELECT * FROM migrate_drift()', 'and all of it was undone');

SELECT * FROM finish();
ROLLBACK;
