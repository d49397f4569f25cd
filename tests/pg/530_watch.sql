-- The setting watch: what is recorded of DDL that is no migration, and what is
-- refused.
BEGIN;
SELECT plan(53);
SET client_min_messages = warning;

CREATE SCHEMA tool;
CREATE EXTENSION migrate SCHEMA tool;
SELECT tool.migrate_config('on_drift', 'ignore');
CREATE ROLE hand;
CREATE ROLE boss;
CREATE ROLE deployer;
CREATE SCHEMA app AUTHORIZATION hand;
CREATE SCHEMA own AUTHORIZATION deployer;
GRANT USAGE ON SCHEMA tool TO boss, deployer;
GRANT EXECUTE ON FUNCTION tool.migrate_config(text, text) TO boss, deployer;
GRANT EXECUTE ON FUNCTION tool.migrate_apply(text),
    tool.migrate_add(text, text, text, text) TO deployer;

-- What was recorded since the last look
CREATE VIEW news AS
    SELECT concat_ws(' ', command, '|', kind, object) COLLATE "default" AS line
    FROM tool.migrate_ddl ORDER BY at, number;
CREATE FUNCTION look() RETURNS SETOF text LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public AS $$
BEGIN
    RETURN QUERY SELECT line FROM news;
    DELETE FROM tool.migrate_ddl;
END $$;
CREATE FUNCTION enabled() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT evtenabled::text, '') FROM pg_event_trigger
    WHERE evtname LIKE 'migrate\_watch\_%' $$;

SELECT is(enabled(), 'D', 'at first the event triggers are disabled');
SELECT is((SELECT concat_ws(' ', value, default_value, source)
           FROM tool.migrate_settings() WHERE name = 'watch'),
          'off off default', 'and watch is off');
CREATE TABLE app.before (id int);
SELECT is_empty('SELECT * FROM tool.migrate_foreign_ddl()',
                'so that nothing is recorded');

-- Who may
SET ROLE deployer;
SELECT throws_ok($$SELECT tool.migrate_config('watch', 'block')$$, '42501',
                 'permission denied to set watch',
                 'who may migrate may not set it');
SELECT throws_ok($$SELECT tool.migrate_config('watch', NULL)$$, '42501',
                 'permission denied to set watch', 'nor put it back');
RESET ROLE;
SELECT throws_like($$SELECT tool.migrate_config('watch', 'maybe')$$,
                   '%setting "watch" cannot be "maybe"%',
                   'it is one of three');
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO boss',
                           current_database()); END $$;
SET ROLE boss;
SELECT is(tool.migrate_config('watch', 'log'), 'log',
          'the owner of the database may');
RESET ROLE;
SELECT is(enabled(), 'A', 'the event triggers are enabled');
SELECT is((SELECT concat_ws(' ', value, source)
           FROM tool.migrate_settings() WHERE name = 'watch'),
          'log database', 'the settings say so');
SELECT is((SELECT value FROM tool.migrate_setting WHERE name = 'watch'),
          (SELECT format('log %s/%s', system_identifier, d.oid)
           FROM pg_control_system(), pg_database d
           WHERE datname = current_database()),
          'what is stored says where it holds');

-- What is recorded
SET ROLE hand;
CREATE TABLE app.one (id int);
RESET ROLE;
SELECT is((SELECT concat_ws('|', actor = session_user, role, application,
                            client, process = pg_backend_pid(),
                            transaction = txid_current(), command, kind,
                            object, outcome, statement,
                            at BETWEEN now() AND clock_timestamp())
           FROM tool.migrate_foreign_ddl()),
          concat_ws('|', true, 'hand', current_setting('application_name'),
                    coalesce(host(inet_client_addr()) || ':'
                             || inet_client_port(), '[local]'),
                    true, true, 'CREATE TABLE', 'table', 'app.one',
                    'superuser', 'CREATE TABLE app.one (id int);', true),
          'who, as whom, by what, from where, what, which, and the text');
SELECT is((SELECT schema FROM tool.migrate_ddl), 'app', 'and the schema');
SELECT isnt_empty('SELECT look()', 'one row');

SET ROLE hand;
CREATE TEMP TABLE passing (id serial PRIMARY KEY);
CREATE INDEX ON passing ((id + 1));
ALTER TABLE passing ADD COLUMN a int CHECK (a > 0);
COMMENT ON COLUMN passing.a IS 'a';
CREATE VIEW pg_temp.seen AS SELECT * FROM passing;
CREATE FUNCTION pg_temp.act() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RETURN new; END';
CREATE TRIGGER act BEFORE INSERT ON passing
    FOR EACH ROW EXECUTE FUNCTION pg_temp.act();
COMMENT ON TRIGGER act ON passing IS 'a trigger';
CREATE POLICY mine ON passing USING (true);
CREATE RULE quiet AS ON DELETE TO passing DO INSTEAD NOTHING;
GRANT SELECT ON passing TO PUBLIC;
DROP RULE quiet ON passing;
DROP POLICY mine ON passing;
DROP TRIGGER act ON passing;
ALTER TABLE passing DROP COLUMN a CASCADE;
DROP TABLE passing CASCADE;
DROP FUNCTION pg_temp.act();
RESET ROLE;
SELECT is_empty('SELECT look()', 'temporary objects are nobody''s business');

SET ROLE hand;
CREATE TABLE IF NOT EXISTS app.one (id int);
DROP TABLE IF EXISTS app.nothing;
CREATE MATERIALIZED VIEW app.kept AS SELECT * FROM app.one;
CREATE INDEX kept_id ON app.kept (id);
RESET ROLE;
SELECT results_eq('SELECT look()', ARRAY[
    'CREATE MATERIALIZED VIEW | materialized view app.kept',
    'CREATE INDEX | index app.kept_id'],
    'but only what was done, is');
SET ROLE hand;
REFRESH MATERIALIZED VIEW app.kept;
REINDEX TABLE app.kept;
ANALYZE app.kept;
INSERT INTO app.one VALUES (1);
TRUNCATE app.one;
RESET ROLE;
SELECT is_empty('SELECT look()',
                'what leaves the schema as it is, is not recorded');

CREATE EXTENSION IF NOT EXISTS file_fdw;
SELECT results_eq('SELECT look()',
                  ARRAY['CREATE EXTENSION | extension file_fdw'],
                  'of an extension, the command and not its objects');
COMMENT ON EXTENSION file_fdw IS 'it';
DROP EXTENSION file_fdw;
SELECT set_has('SELECT look()',
               $$VALUES ('COMMENT | extension file_fdw'),
                        ('DROP EXTENSION | extension file_fdw')$$,
               'likewise when it goes');

-- Our own runs
SELECT tool.migrate_add('1', 'CREATE TABLE own.made (id int);
    DO $x$ BEGIN EXECUTE ''CREATE VIEW own.view AS SELECT 1 AS a''; END $x$;
    CREATE TABLE app.deferred (id int PRIMARY KEY)',
    'DROP VIEW own.view; DROP TABLE own.made; DROP TABLE app.deferred');
SELECT is(tool.migrate_apply(), 1, 'a migration runs');
SELECT is(tool.migrate_rollback(), 1, 'and back');
SELECT is_empty('SELECT look()', 'of which nothing is recorded');

-- Inside DO and functions: the objects, and the client's text
DO $$ BEGIN
    CREATE TABLE app.inner_one (id int);
    EXECUTE 'CREATE TABLE app.inner_two (id int)';
END $$;
SELECT results_eq('SELECT object, statement LIKE ''DO%''
                   FROM tool.migrate_foreign_ddl()',
                  $$VALUES ('app.inner_one', true), ('app.inner_two', true)$$,
                  'each object that a DO makes, under the DO''s text');
SELECT isnt_empty('SELECT look()', 'two rows');

-- What fails leaves nothing
SAVEPOINT failing;
CREATE TABLE app.failing (id int);
ROLLBACK TO failing;
SELECT is_empty('SELECT look()', 'what is undone has no row');

-- Texts
DO $x$ BEGIN EXECUTE 'CREATE TABLE app.long ('
    || (SELECT string_agg('c' || i || ' int', ', ') FROM generate_series(1, 400) i)
    || ')'; END $x$; /* ééééééééééééééééééééééééééééééééééééé */
SELECT cmp_ok((SELECT length(statement) FROM tool.migrate_foreign_ddl()), '<',
              2100, 'a text is cut');
DELETE FROM tool.migrate_ddl;
CREATE FOREIGN DATA WRAPPER far;
CREATE SERVER far FOREIGN DATA WRAPPER far;
CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (user 'a', PassWord 'secret');
SELECT results_eq($$SELECT kind, statement
                    FROM tool.migrate_foreign_ddl() WHERE kind = 'user mapping'$$,
                  $$VALUES ('user mapping',
                            '(left out: there may be a password in it)')$$,
                  'a text that may hold a password is left out');
DELETE FROM tool.migrate_ddl;

-- Damage, of which there are warnings
SET client_min_messages = error;
SAVEPOINT damage;
ALTER TABLE tool.migrate_ddl DROP COLUMN client;
SET ROLE hand;
SELECT lives_ok('CREATE TABLE app.after_damage_1 (id int)',
                'nothing fails when the table has lost a column');
RESET ROLE;
ROLLBACK TO damage;
TRUNCATE tool.migrate_ddl;
CREATE INDEX ON tool.migrate_ddl ((1 / (process - process)));
SELECT lives_ok('CREATE TABLE app.after_damage_2 (id int)',
                'nor with an index on it');
SELECT is_empty('SELECT * FROM tool.migrate_foreign_ddl()',
                'which is not left behind the rows');
ROLLBACK TO damage;
CREATE FUNCTION oops() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE 'oops'; END $$;
CREATE TRIGGER oops BEFORE INSERT ON tool.migrate_ddl
    FOR EACH ROW EXECUTE FUNCTION oops();
ALTER TABLE tool.migrate_ddl ADD CHECK (process < 0) NOT VALID;
ALTER TABLE tool.migrate_ddl ENABLE ROW LEVEL SECURITY,
    FORCE ROW LEVEL SECURITY;
DELETE FROM tool.migrate_ddl;
SET ROLE hand;
SELECT lives_ok('CREATE TABLE app.after_damage_3 (id int)',
                'triggers, constraints and policies on it are not run');
RESET ROLE;
SELECT is((SELECT count(*) FROM tool.migrate_foreign_ddl()
           WHERE object = 'app.after_damage_3'), 1::bigint,
          'and the row is there');
ROLLBACK TO damage;
ALTER EXTENSION migrate DROP TABLE tool.migrate_ddl;
DROP TABLE tool.migrate_ddl CASCADE;
SELECT lives_ok('CREATE TABLE app.after_damage_4 (id int)',
                'nothing fails without the table');
ROLLBACK TO damage;
ALTER TABLE tool.migrate_setting RENAME value TO worth;
SELECT lives_ok('CREATE TABLE app.after_damage_5 (id int)',
                'nor when the setting cannot be read');
ROLLBACK TO damage;
ALTER SCHEMA tool RENAME TO moved;
DELETE FROM moved.migrate_ddl;
CREATE TABLE app.after_damage_6 (id int);
SELECT is((SELECT object FROM moved.migrate_ddl), 'app.after_damage_6',
          'a schema of another name is found');
ROLLBACK TO damage;

SET client_min_messages = warning;

-- A copy
UPDATE tool.migrate_setting SET value = 'block 123/' || oid FROM pg_database
WHERE name = 'watch' AND datname = current_database();
SELECT is((SELECT concat_ws(' ', value, source)
           FROM tool.migrate_settings() WHERE name = 'watch'),
          'off another database', 'on another server it is off');
SELECT is(tool.migrate_config('watch'), 'off', 'whoever asks');
CREATE TABLE app.copied (id int);
SELECT is_empty('SELECT look()', 'and nothing is recorded');
SELECT is(tool.migrate_config('watch', 'block'), 'block',
          'it can be set there again');

-- Block
CREATE TABLE app.by_superuser (id int);
SELECT results_eq('SELECT look()',
                  ARRAY['CREATE TABLE | table app.by_superuser'],
                  'a superuser passes, and is recorded');
SELECT is(tool.migrate_apply(), 1, 'a migration passes');
SELECT is(tool.migrate_rollback(), 1, 'and back');
ALTER EXTENSION migrate UPDATE;
SELECT is_empty('SELECT look()', 'an update that does nothing is nothing');

SET ROLE boss;
SELECT is(tool.migrate_config('watch', NULL), 'off', 'back to the default');
RESET ROLE;
SELECT is(enabled(), 'D', 'the event triggers are disabled again');
SELECT is(tool.migrate_config('watch', 'log'), 'log', 'on again');
SELECT is(tool.migrate_config('watch', 'off'), 'off', 'and off');
SELECT is(enabled(), 'D', 'which disables them, too');

-- Triggers that are off or gone
SELECT tool.migrate_config('watch', 'log');
ALTER EVENT TRIGGER migrate_watch_drop DISABLE;
SELECT is((SELECT concat_ws(' ', value, source)
           FROM tool.migrate_settings() WHERE name = 'watch'),
          'log database; but its event triggers are disabled',
          'a superuser can disable them, which the settings say');
SELECT tool.migrate_config('watch', 'off');
SAVEPOINT gone;
ALTER EXTENSION migrate DROP EVENT TRIGGER migrate_watch_end;
SELECT throws_like($$SELECT tool.migrate_config('watch', 'log')$$,
                   '%no event trigger "migrate_watch_end"%',
                   'a trigger that is not the extension''s is not used');
SELECT is(tool.migrate_config('watch', 'off'), 'off', 'off works');
ROLLBACK TO gone;

SELECT is(tool.migrate_config('watch', 'log'), 'log', 'on');
DROP VIEW news CASCADE;
DROP EXTENSION migrate;
SELECT is_empty($$SELECT evtname FROM pg_event_trigger$$,
                'DROP EXTENSION takes the triggers along');
SELECT lives_ok('CREATE TABLE app.without (id int)', 'and nothing is missing');

SELECT * FROM finish();
ROLLBACK;
