-- An applied migration whose text has changed.
--@ m/1_one.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('one');
--| -- migrate:down
--| INSERT INTO log VALUES ('down one');
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/m');
--! echo "INSERT INTO log VALUES ('new one');" > @DIR@/m/1_one.sql
SELECT migrate_load('@DIR@/m');
SELECT migrate_load('@DIR@/m');
SELECT version, state, CASE WHEN reversible THEN 'yes' ELSE 'no' END, detail
FROM migrate_status();
SELECT migrate_pending();
-- Nothing is pending, so nothing is to be refused.
SELECT migrate_apply();
SELECT migrate_add('2', 'INSERT INTO log VALUES (''two'')');
SELECT migrate_apply();
SELECT count(*) FROM migrate_plan();
SELECT migrate_current();
SELECT migrate_config('on_changed', 'warn');
SELECT migrate_apply();
SELECT migrate_config('on_changed', NULL);
SELECT version, state FROM migrate_status();
SELECT what FROM log ORDER BY what;

-- The old text again, and all is well.
--! printf '%s\n' '-- migrate:up' "INSERT INTO log VALUES ('one');" '-- migrate:down' "INSERT INTO log VALUES ('down one');" > @DIR@/m/1_one.sql
SELECT migrate_load('@DIR@/m');
SELECT version, state FROM migrate_status();

-- The way back is that of the text that was applied.
--! echo "INSERT INTO log VALUES ('new one');" > @DIR@/m/1_one.sql
SELECT migrate_load('@DIR@/m');
SELECT migrate_stamp('base');
SELECT migrate_stamp('1');
SELECT state FROM migrate_status() WHERE version = '1';
