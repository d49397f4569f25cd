-- A migration cannot migrate in turn; it may look.
--@ n/9_nine.sql
--| SELECT 9;
CREATE TABLE log (what text, n integer);
SELECT migrate_add('1', 'INSERT INTO log SELECT ''version'', 1 WHERE migrate_version() <> '''';
INSERT INTO log SELECT ''status'', count(*) FROM migrate_status();
INSERT INTO log SELECT ''current'', count(*) FROM (SELECT migrate_current() AS c) AS x WHERE c IS NULL;
INSERT INTO log SELECT ''pending'', migrate_pending();
INSERT INTO log SELECT ''history'', count(*) FROM migrate_history();
INSERT INTO log SELECT ''plan'', count(*) FROM migrate_plan();
INSERT INTO log SELECT ''show'', count(*) FROM migrate_show(''1'');
INSERT INTO log SELECT ''settings'', 1 FROM migrate_settings() WHERE name = ''project'';');
SELECT migrate_apply();
SELECT what, n FROM log ORDER BY what;

SELECT migrate_add('2', 'SELECT migrate_load(''@DIR@/n'')');
SELECT migrate_apply();
SELECT migrate_add('2', 'SELECT migrate_up(''@DIR@/n'')');
SELECT migrate_apply();
SELECT migrate_add('2', 'SELECT migrate_add(''9'', ''SELECT 9'')');
SELECT migrate_apply();
SELECT migrate_add('2', 'SELECT migrate_apply()');
SELECT migrate_apply();
SELECT migrate_add('2', 'SELECT migrate_rollback()');
SELECT migrate_apply();
SELECT migrate_add('2', 'SELECT migrate_redo()');
SELECT migrate_apply();
SELECT migrate_add('2', 'SELECT migrate_stamp(''1'')');
SELECT migrate_apply();
SELECT migrate_add('2', 'SELECT migrate_config(''environment'', ''x'')');
SELECT migrate_apply();
SELECT version FROM migrate_status();
SELECT migrate_current();
SELECT migrate_config('environment');
-- Reading a setting is a look.
SELECT migrate_add('2', 'INSERT INTO log SELECT migrate_config(''environment''), 2');
SELECT migrate_apply();
SELECT what FROM log WHERE n = 2;
-- After a failure the session is as before.
SELECT migrate_add('3', 'SELECT 3');
SELECT migrate_apply();
