-- The same schema, made in another order, with other quoting, in a schema of
-- another name, is told in the same words; and nothing else is.
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = error;
BEGIN;
SELECT plan(12);
CREATE EXTENSION migrate;
CREATE ROLE migrate_kinds_owner;
CREATE ROLE migrate_kinds_reader;
\set schema app
\i kinds.psql
\set schema 'The "other" one'
\i kinds_other.psql

-- What is recorded of one schema.
CREATE FUNCTION pg_temp.record(schema text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('migrate.target_schema', schema, true);
    PERFORM migrate_accept();
END $$;
CREATE VIEW pg_temp.told AS
    SELECT target, kind, identity, parent, definition FROM migrate_object
    WHERE kind <> 'record';
SELECT pg_temp.record('app');
SELECT pg_temp.record('The "other" one');

SELECT cmp_ok((SELECT count(*) FROM pg_temp.told WHERE target = 'app'), '>',
              200::bigint, 'all of a schema is told');
SELECT is_empty($$SELECT kind, identity, definition FROM pg_temp.told
    WHERE target = 'app'
    EXCEPT SELECT kind, identity, definition FROM pg_temp.told
    WHERE target = 'The "other" one'$$, 'nothing of the first is missing');
SELECT is_empty($$SELECT kind, identity, definition FROM pg_temp.told
    WHERE target = 'The "other" one'
    EXCEPT SELECT kind, identity, definition FROM pg_temp.told
    WHERE target = 'app'$$, 'nothing of the second either');
SELECT is_empty($$SELECT kind, identity, parent FROM pg_temp.told
    WHERE target = 'app'
    EXCEPT SELECT kind, identity, parent FROM pg_temp.told
    WHERE target = 'The "other" one'$$, 'also what each is a part of');
SELECT is_empty($$SELECT * FROM pg_temp.told WHERE
    identity || definition ~ '\mapp\M' OR
    identity || definition ~ 'The "+other'$$, 'the schema is never named');

SET LOCAL migrate.target_schema = 'app';
SELECT migrate_fingerprint() AS first \gset
SET LOCAL migrate.target_schema = 'The "other" one';
SELECT is(migrate_fingerprint(), :'first'::text, 'the fingerprints are equal');
SELECT matches(:'first'::text, '^pg[0-9]+/1:[0-9a-f]{64}$', 'a fingerprint');

-- Whoever asks.
CREATE ROLE migrate_kinds_stranger;
GRANT EXECUTE ON FUNCTION migrate_fingerprint(text) TO migrate_kinds_stranger;
REVOKE USAGE ON SCHEMA "The ""other"" one" FROM PUBLIC;
SELECT migrate_fingerprint() AS revoked \gset
SET LOCAL ROLE migrate_kinds_stranger;
SELECT migrate_fingerprint() AS second \gset
RESET ROLE;
SELECT is(:'second'::text, :'revoked'::text,
          'who may not use the schema is told the same');
GRANT USAGE ON SCHEMA "The ""other"" one" TO PUBLIC;
ALTER TABLE "The ""other"" one".quick ADD c int;
SELECT isnt(migrate_fingerprint(), :'first'::text, 'a change shows');
SELECT set_eq($$SELECT kind, object, change FROM migrate_drift()$$,
    $$VALUES ('column', 'quick.c', 'added')$$,
    'and is told without the schema''s name');

-- Names that pg_catalog has, too; what is a name in a string is none.
RESET migrate.target_schema;
CREATE FUNCTION pg_temp.hidden(schema text) RETURNS void LANGUAGE plpgsql AS $make$
DECLARE
    statement text;
BEGIN
    FOREACH statement IN ARRAY ARRAY[
        'CREATE SCHEMA $',
        'CREATE DOMAIN $.text AS pg_catalog.text',
        'CREATE TABLE $.pg_class (c $.text, b text, CHECK (b <> ''$.b''))',
        'CREATE TABLE $.heir (d $.text[]) INHERITS ($.pg_class)',
        'CREATE FUNCTION $.lower(text) RETURNS $.text IMMUTABLE LANGUAGE sql
             AS ''SELECT ''''x''''''',
        'CREATE FUNCTION $.of($.text) RETURNS $.text LANGUAGE sql
             AS ''SELECT $1''',
        'COMMENT ON FUNCTION $.of($.text) IS ''one.two''',
        'CREATE OPERATOR $.= (LEFTARG = text, RIGHTARG = text,
             FUNCTION = texteq)',
        'CREATE INDEX i ON $.pg_class ($.lower(b)) WHERE b OPERATOR($.=) ''c''',
        'CREATE VIEW $.v AS SELECT pg_class.c, $.lower(b) FROM $.pg_class
             WHERE b OPERATOR($.=) ''c''']
    LOOP
        EXECUTE replace(replace(statement, '$1', '~'), '$', quote_ident(schema));
    END LOOP;
END $make$;
SET LOCAL check_function_bodies = off;
SELECT pg_temp.hidden('one'), pg_temp.hidden('Two');
SELECT pg_temp.record('one'), pg_temp.record('Two');
SELECT is_empty($$SELECT kind, identity, parent,
        replace(definition, '''one.b''', '''"Two".b''') FROM pg_temp.told
    WHERE target = 'one'
    EXCEPT SELECT kind, identity, parent, definition
    FROM pg_temp.told WHERE target = 'Two'$$,
    'names that pg_catalog has, too, are no more qualified than others');
SELECT is((SELECT string_agg(identity || ' ' || definition, E'\n'
                             ORDER BY kind, identity)
           FROM pg_temp.told WHERE target = 'one'
               AND kind IN ('constraint', 'index', 'comment', 'table')),
    E'function of(.text) one.two\n'
    'pg_class.pg_class_b_check CHECK ((b <> ''one.b''::text))\n'
    'i CREATE INDEX i ON .pg_class USING btree (.lower(b)) '
    'WHERE b OPERATOR(.=) ''c''::text\n'
    'heir (c, b, d) INHERITS (.pg_class)\npg_class (c, b)',
    'but strings and comments are as they were');

SELECT * FROM finish();
ROLLBACK;
