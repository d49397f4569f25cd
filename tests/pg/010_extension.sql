-- What CREATE EXTENSION makes, and where.
BEGIN;
SELECT plan(13);
SET client_min_messages = warning;

CREATE SCHEMA x;
CREATE EXTENSION migrate SCHEMA x;

SELECT is(
    (SELECT extnamespace::regnamespace::text FROM pg_extension
     WHERE extname = 'migrate'),
    'x', 'the extension lies in the schema asked for');
SELECT is(
    x.migrate_version(),
    (SELECT extversion FROM pg_extension WHERE extname = 'migrate'),
    'module and script are of one version');

SELECT set_eq(
    $$SELECT unnest(extconfig)::regclass::text FROM pg_extension
      WHERE extname = 'migrate'$$,
    ARRAY['x.migrate_text', 'x.migrate_migration', 'x.migrate_applied',
          'x.migrate_event', 'x.migrate_setting', 'x.migrate_object',
          'x.migrate_delta', 'x.migrate_ddl'],
    'every table is carried by pg_dump');
SELECT is_empty(
    $$SELECT 1 FROM pg_extension, unnest(extcondition) c
      WHERE extname = 'migrate' AND c <> ''$$,
    'with all its rows');

CREATE TEMP VIEW members AS
    SELECT classid, objid FROM pg_depend
    WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
      AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'migrate');

SELECT is_empty(
    $$SELECT pg_describe_object(classid, objid, 0) FROM members
      WHERE obj_description(objid, classid::regclass::text) IS NULL
        AND classid <> 'pg_type'::regclass$$, -- row types, from 17 on
    'every member has a comment');
SELECT is_empty(
    $$SELECT proname FROM pg_proc p
      JOIN members ON classid = 'pg_proc'::regclass AND objid = p.oid
      WHERE proisstrict OR prosecdef OR prosrc NOT IN
            ('pg_migrate_call', 'pg_migrate_watch')$$,
    'functions run with the caller''s rights, also when called with NULL');
SELECT set_eq(
    $$SELECT proname::text FROM pg_proc p
      JOIN members ON classid = 'pg_proc'::regclass AND objid = p.oid
      WHERE provolatile = 'v'$$,
    ARRAY['migrate_load', 'migrate_add', 'migrate_up', 'migrate_apply',
          'migrate_rollback', 'migrate_redo', 'migrate_stamp', 'migrate_adopt',
          'migrate_config', 'migrate_deploy', 'migrate_deploy_all',
          'migrate_revert', 'migrate_watch', 'migrate_record_backup',
          'migrate_baseline', 'migrate_repair', 'migrate_accept'],
    'what writes is volatile');

SELECT is(x.migrate_add('1', 'CREATE TABLE made (id int)',
                        'DROP TABLE made', 'make'), 1, 'add');
SELECT is(x.migrate_apply(), 1, 'apply');
SELECT has_table('made');
SELECT is_empty(
    $$SELECT 1 FROM members WHERE objid = 'made'::regclass$$,
    'what a migration creates is no member of the extension');

-- Plans that a session keeps must not outlive the schema they name.
ALTER SCHEMA x RENAME TO y;
SELECT is(y.migrate_current(), '1', 'the schema can be renamed');
DROP EXTENSION migrate;
CREATE EXTENSION migrate SCHEMA public;
SELECT is(migrate_current(), NULL,
          'the extension can be created again elsewhere');

SELECT * FROM finish();
ROLLBACK;
