-- What a hand has changed, where a name stands in a literal, or in no text.
BEGIN;
SELECT plan(4);
SET client_min_messages = error;
CREATE EXTENSION migrate;
CREATE ROLE migrate_renamed;
CREATE SCHEMA app;
SELECT migrate_config('on_drift', 'ignore');
SELECT migrate_add('1', 'CREATE TABLE app.one (id int); CREATE SEQUENCE app.sq');
SELECT migrate_add('2', 'ALTER SEQUENCE app.sq RENAME TO "Sq x"');
SELECT migrate_add('3', 'ALTER SCHEMA app RENAME TO "App y"');
SELECT migrate_apply('1');

ALTER TABLE app.one ADD h int DEFAULT nextval('app.sq');
CREATE TABLE app.hand (id int DEFAULT nextval('app.sq'));
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO migrate_renamed;
CREATE TEMP TABLE told AS SELECT kind, change FROM migrate_drift();
SELECT bag_eq('SELECT kind FROM told WHERE kind <> ''owner''',
    $$VALUES ('column'), ('table'), ('default privileges')$$, 'all is told');

SELECT migrate_apply('2');
SELECT bag_eq('SELECT kind, change FROM migrate_drift()', 'TABLE told',
              'a sequence that gets a name in quotes, in a literal');
SELECT migrate_apply('3');
SELECT bag_eq('SELECT kind, change FROM migrate_drift()', 'TABLE told',
              'default privileges of a schema');
SELECT is_empty($$SELECT * FROM migrate_verify() WHERE kind <> 'drift'$$,
                'the record is whole');
SELECT * FROM finish();
ROLLBACK;
