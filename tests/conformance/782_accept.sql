-- One changed file, accepted.
--@ m/1_one.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('one');
--| -- migrate:down
--| INSERT INTO log VALUES ('down one');
--@ m/2_two.sql
--| INSERT INTO log VALUES ('two');
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/m', '1');
SELECT migrate_accept('1');
SELECT migrate_accept('2');
SELECT migrate_accept('3');
SELECT migrate_accept('head');
--! printf '%s\n' '-- A remark.' '-- migrate:up' "INSERT INTO log VALUES ('one');" '-- migrate:down' "INSERT INTO log VALUES ('\${who}');" > @DIR@/m/1_one.sql
SELECT migrate_config('var.who', 'the old one');
SELECT migrate_load('@DIR@/m');
SELECT migrate_apply();
-- Not by halves.
BEGIN;
SELECT migrate_accept('1', 'a remark, and the way back');
ROLLBACK;
SELECT state FROM migrate_status() WHERE version = '1';
SELECT migrate_accept('1', 'a remark, and the way back');
SELECT state FROM migrate_status() WHERE version = '1';
SELECT migrate_accept('1');
SELECT action, version, detail FROM migrate_history() WHERE action = 'accept';
SELECT migrate_apply();
-- Variables in the way back have the values of that time.
SELECT migrate_config('var.who', 'the new one');
SELECT migrate_stamp('1');
SELECT migrate_rollback();
SELECT what FROM log ORDER BY what;
SELECT migrate_apply('1');
--! rm @DIR@/m/1_one.sql
SELECT migrate_load('@DIR@/m');
SELECT migrate_accept('1');
-- And the history can still be believed.
SELECT migrate_apply('2');
SELECT kind, version, object, problem FROM migrate_verify() WHERE kind <> 'missing';
