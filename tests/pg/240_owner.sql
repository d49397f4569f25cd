-- An extension of somebody who is no superuser, and how it ends.
BEGIN;
SELECT no_plan();
SET client_min_messages = warning;

CREATE ROLE owner;
CREATE ROLE heir;
CREATE ROLE deployer;
CREATE ROLE visitor;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO owner',
                           current_database()); END $$;
-- What a role can do here it can do in its own session, too.
GRANT ALL ON SCHEMA public TO owner, heir, deployer, visitor;

CREATE VIEW tables AS
    SELECT c.oid, relname, relowner::regrole::text AS owner,
           c.oid = ANY (extconfig) AS is_dumped
    FROM pg_extension e
    JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass
     AND d.refobjid = e.oid AND d.classid = 'pg_class'::regclass
    JOIN pg_class c ON c.oid = d.objid
    WHERE extname = 'migrate';
CREATE FUNCTION rows() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    t record;
    n bigint;
    result text := '';
BEGIN
    FOR t IN SELECT * FROM public.tables ORDER BY relname LOOP
        EXECUTE format('SELECT count(*) FROM %s', t.oid::regclass) INTO n;
        result := result || replace(t.relname, 'migrate_', '') || n || ' ';
    END LOOP;
    RETURN result;
END $$;

SET ROLE owner;
CREATE SCHEMA home;
CREATE EXTENSION migrate SCHEMA home;
RESET ROLE;
SET search_path = public, home;
\ir calls.psql
GRANT SELECT ON calls, tables TO PUBLIC;
GRANT USAGE ON SCHEMA home TO PUBLIC;

-- Whose is what
SELECT is(extowner::regrole::text, 'owner', 'the extension is his')
FROM pg_extension WHERE extname = 'migrate';
SELECT is_empty($$SELECT relname FROM tables WHERE owner <> 'owner'$$,
                'and so is every table');
SELECT is_empty(
    $$SELECT relname FROM tables
      WHERE has_table_privilege('visitor', oid, 'INSERT, UPDATE, DELETE,
                                TRUNCATE, REFERENCES, TRIGGER')
         OR is_dumped AND has_table_privilege('visitor', oid, 'SELECT')$$,
    'and nobody else''s');
SELECT is_empty(
    $$SELECT name FROM calls
      WHERE NOT has_function_privilege('owner', oid,
                                       'EXECUTE WITH GRANT OPTION')
        AND NOT has_function_privilege('visitor', oid, 'EXECUTE')$$,
    'what not everybody may call he can call, and let others call');
-- A superuser calls them, so they must be none of his.
SELECT is_empty(
    $$SELECT name FROM calls JOIN pg_proc p USING (oid)
      JOIN pg_roles r ON r.oid = p.proowner WHERE NOT rolsuper$$,
    'the functions are the superuser''s');
SET ROLE owner;
SELECT throws_ok('ALTER FUNCTION migrate_current() SECURITY DEFINER', '42501',
                 NULL, 'he cannot change them');
SELECT throws_ok('CREATE OR REPLACE FUNCTION home.migrate_current() RETURNS text
                  LANGUAGE sql AS ''SELECT 1''', '42501', NULL,
                 'nor replace them');
RESET ROLE;

-- In use.  The session is a superuser's, whatever role it takes.
SET migrate.trusted_roles = owner, heir, deployer;
SET ROLE owner;
SELECT migrate_add('1', 'CREATE TABLE public.one (id int)',
                   'DROP TABLE public.one');
SELECT migrate_apply();
GRANT EXECUTE ON FUNCTION migrate_add(text, text, text, text),
    migrate_apply(text) TO deployer;
SET ROLE deployer;
SELECT migrate_add('2', 'CREATE TABLE public.two (id int)',
                   'DROP TABLE public.two');
SELECT is(migrate_apply(), 1, 'a role that he lets migrate does so');
SELECT throws_ok('SELECT migrate_rollback()', '42501',
                 'permission denied for function migrate_rollback',
                 'as far as he lets it');
RESET ROLE;

-- Without rights: clear errors, nothing changed
CREATE TEMP TABLE before AS SELECT rows();
SET ROLE visitor;
SELECT throws_matching(statement,
    format('^permission denied for (function|procedure) %s$',
           split_part(replace(name, 'home.', ''), '(', 1)),
    'a visitor gets an error: ' || name)
FROM calls WHERE writes OR name ~ 'history|plan|show|settings|config';
SELECT throws_ok(format(command, oid::regclass), '42501',
                 'permission denied for table ' || relname,
                 format(command, relname))
FROM tables, (VALUES ('SELECT * FROM %s'), ('INSERT INTO %s DEFAULT VALUES'),
                     ('DELETE FROM %s'), ('TRUNCATE %s'),
                     ('LOCK %s IN ROW EXCLUSIVE MODE')) AS v(command)
WHERE is_dumped;
SELECT throws_ok('DROP EXTENSION migrate', '42501', NULL,
                 'he cannot drop the extension');
SELECT throws_ok('ALTER EXTENSION migrate UPDATE', '42501', NULL,
                 'nor update it');
RESET ROLE;
REVOKE USAGE ON SCHEMA home FROM PUBLIC;
SET ROLE visitor;
SELECT throws_ok('SELECT home.migrate_status()', '42501',
                 'permission denied for schema home',
                 'nor look where he may not look');
RESET ROLE;
GRANT USAGE ON SCHEMA home TO PUBLIC;
SELECT is(rows(), b.rows, 'nothing has changed') FROM before b;

-- Another schema: what the control file says
CREATE FUNCTION test_schema() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT extrelocatable FROM pg_extension WHERE extname = 'migrate') THEN
        RETURN NEXT lives_ok('ALTER EXTENSION migrate SET SCHEMA public',
                             'it can be moved to another schema');
        RETURN NEXT is(public.migrate_current(), '2', 'and works there');
        ALTER EXTENSION migrate SET SCHEMA home;
    ELSE
        RETURN NEXT throws_ok('ALTER EXTENSION migrate SET SCHEMA public',
            '0A000', 'extension "migrate" does not support SET SCHEMA',
            'it cannot be moved to another schema');
        RETURN NEXT is(extnamespace::regnamespace::text, 'home',
                       'and stays where it is')
            FROM pg_extension WHERE extname = 'migrate';
    END IF;
    RETURN NEXT is(extrelocatable, relocatable, 'as the control file says')
        FROM pg_extension JOIN pg_available_extension_versions
            ON name = extname AND version = extversion
        WHERE extname = 'migrate';
END $$;
SELECT test_schema();
SELECT is(home.migrate_current(), '2', 'it works as before');
ALTER SCHEMA home RENAME TO "new ""home""";
SELECT is("new ""home""".migrate_current(), '2',
          'the schema itself can get another name');
ALTER SCHEMA "new ""home""" RENAME TO home;

-- Handed over to somebody else
REASSIGN OWNED BY owner TO heir;
SELECT is(extowner::regrole::text, 'heir', 'the extension is the heir''s')
FROM pg_extension WHERE extname = 'migrate';
SELECT is_empty($$SELECT relname FROM tables WHERE owner <> 'heir'$$,
                'and so is every table');
SET ROLE heir;
SELECT throws_ok('SELECT migrate_apply()', '42501', NULL,
                 'but not the right to call');
RESET ROLE;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA home TO heir WITH GRANT OPTION;
DROP OWNED BY owner CASCADE;
DROP ROLE owner;
GRANT deployer TO heir;
SET ROLE heir;
SELECT is(migrate_rollback('base'), 2, 'which a superuser gives him');
SELECT is(migrate_apply(), 2, 'while the old owner goes');
SELECT lives_ok('GRANT EXECUTE ON FUNCTION migrate_apply(text) TO visitor',
                'he can let others call');
RESET ROLE;

-- The end: whatever the migrations made stays
SET ROLE heir;
CREATE TABLE public.mine AS SELECT 1 AS one;
CREATE VIEW public.looks AS SELECT version FROM migrate_status();
SELECT throws_ok('DROP EXTENSION migrate', '2BP01', NULL,
                 'what uses it keeps it from being dropped');
SELECT lives_ok('DROP EXTENSION migrate CASCADE', 'unless that goes too');
RESET ROLE;
SELECT hasnt_view('public', 'looks', 'as it then does');
SELECT has_table('public', name::name, 'table ' || name || ' stays')
FROM unnest(ARRAY['one', 'two', 'mine']) AS name;
SELECT is_empty(
    $$SELECT proname FROM pg_proc WHERE pronamespace = 'home'::regnamespace
      UNION ALL
      SELECT relname FROM pg_class WHERE relnamespace = 'home'::regnamespace$$,
    'of the extension nothing does');

-- Created again it knows nothing, and can be told.
CREATE ROLE owner;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO owner',
                           current_database()); END $$;
GRANT ALL ON SCHEMA public, home TO owner;
SET ROLE owner;
CREATE EXTENSION migrate SCHEMA home;
SELECT is(migrate_current(), NULL, 'created again it knows nothing');
SELECT migrate_add('1', 'CREATE TABLE public.one (id int)',
                   'DROP TABLE public.one');
SELECT is(migrate_stamp('1'), 1, 'and is told what is there');
SELECT migrate_add('3', 'CREATE TABLE public.three (id int)');
SELECT migrate_add('4', 'CREATE TABLE public.four (id int)');
SELECT migrate_apply('3');
GRANT EXECUTE ON FUNCTION migrate_apply(text) TO deployer;
SET ROLE deployer;
SELECT is(migrate_apply(), 1, 'the deployer goes on');
RESET ROLE;

-- All that its owner has goes
SELECT lives_ok('DROP OWNED BY owner', 'DROP OWNED BY its owner');
SELECT is_empty($$SELECT 1 FROM pg_extension WHERE extname = 'migrate'$$,
                'drops the extension');
SELECT hasnt_table('public', 'three', 'with what he has made by it');
SELECT has_table('public', name::name, 'others'' table ' || name || ' stays')
FROM unnest(ARRAY['one', 'two', 'four', 'mine']) AS name;
SELECT lives_ok('DROP ROLE owner', 'nothing of his is left');

SELECT * FROM finish();
ROLLBACK;
