-- Who may do what.
BEGIN;
SELECT plan(19);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
CREATE ROLE visitor;
CREATE ROLE migrator;
CREATE ROLE onlooker;
CREATE SCHEMA app;
GRANT USAGE, CREATE ON SCHEMA app TO migrator;
GRANT USAGE ON SCHEMA app TO onlooker;
GRANT EXECUTE ON FUNCTION migrate_add(text, text, text, text),
    migrate_apply(text), migrate_rollback() TO migrator, onlooker;

SELECT set_eq(
    $$SELECT p.oid::regprocedure::text FROM pg_proc p
      JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
       AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'migrate'
      WHERE has_function_privilege('visitor', p.oid, 'EXECUTE')$$,
    ARRAY['migrate_version()', 'migrate_status()', 'migrate_current()',
          'migrate_pending()'],
    'anybody may ask how things stand, and nothing else');

SELECT migrate_add('1', 'CREATE TABLE app.one (who text DEFAULT current_user);
                         INSERT INTO app.one DEFAULT VALUES',
                   'DROP TABLE app.one');

SET ROLE visitor;
SELECT is(migrate_pending(), 1, 'a visitor sees what is pending');
SELECT is(migrate_current(), NULL, 'and what is current');
SELECT is((SELECT state FROM migrate_status()), 'pending', 'and the status');
SELECT throws_ok('SELECT migrate_apply()', '42501', NULL,
                 'but cannot migrate');
SELECT throws_ok($$SELECT migrate_add('2', 'SELECT 1')$$, '42501', NULL,
                 'nor add a migration');
SELECT throws_ok('SELECT * FROM migrate_show(''1'')', '42501', NULL,
                 'nor read a migration');
SELECT throws_ok('SELECT * FROM migrate_migration', '42501', NULL,
                 'nor read the tables');

SET ROLE onlooker;
SELECT throws_like('SELECT migrate_apply()',
                   '%permission denied for schema app%',
                   'a migration has no more rights than its caller');
SELECT throws_ok('SELECT migrate_apply()', '42501', NULL,
                 'and the server''s own SQLSTATE');
SELECT throws_ok('DELETE FROM migrate_event', '42501', NULL,
                 'the right to migrate is none to the tables');

SET ROLE migrator;
SELECT is(migrate_apply(), 1, 'whoever was granted EXECUTE can migrate');
SELECT is((SELECT who FROM app.one), 'migrator', 'as itself');
SELECT is(current_user::text, 'migrator', 'and remains so');
RESET ROLE;
SELECT table_owner_is('app', 'one', 'migrator', 'owning what it made');
SELECT is((SELECT applied_by FROM migrate_status()), 'migrator',
          'which the status shows');

-- A role cannot gain the tables' owner's rights by what it puts in the way.
CREATE SCHEMA trap;
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'trapped as %', current_user; END $$;
CREATE FUNCTION trap.eq(text, text) RETURNS bool LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'trapped as %', current_user; END $$;
CREATE OPERATOR trap.= (FUNCTION = trap.eq, LEFTARG = text, RIGHTARG = text);
CREATE TABLE trap.migrate_migration (project text);
GRANT USAGE ON SCHEMA trap TO migrator;
SET ROLE migrator;
SET search_path = trap, public, pg_catalog;
CREATE TEMP TABLE result AS
    SELECT migrate_add('3', 'SELECT 1') AS added;
ALTER TABLE result ADD applied int, ADD path text;
UPDATE result SET applied = migrate_apply(),
                  path = current_setting('search_path');
RESET search_path;
SELECT is(added, 1, 'a hostile search_path changes nothing') FROM result;
SELECT is(applied, 1, 'also while migrating') FROM result;
SELECT is(path, 'trap, public, pg_catalog', 'and is left as it was')
FROM result;
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
