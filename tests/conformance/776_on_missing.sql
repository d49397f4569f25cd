-- Applied migrations that are not in their directory any more.
--@ m/1_one.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('one');
--| -- migrate:down
--@ m/2_two.sql
--| INSERT INTO log VALUES ('two');
--@ n/2_two.sql
--| INSERT INTO log VALUES ('two');
--@ n/3_three.sql
--| INSERT INTO log VALUES ('three');
CREATE TABLE log (what text);
SELECT migrate_config('on_missing');
SELECT migrate_config('on_missing', 'never');
SELECT migrate_up('@DIR@/m', '1');
SELECT migrate_load('@DIR@/n');
SELECT version, state FROM migrate_status();
SELECT migrate_config('on_missing', 'error');
SELECT migrate_apply();
SELECT migrate_apply('2');
SELECT count(*) FROM migrate_plan();
SELECT migrate_config('on_missing', 'warn');
SELECT migrate_apply('2');
SELECT migrate_config('on_missing', NULL);
SELECT migrate_apply();
-- With nothing to run there is nothing to refuse.
SELECT migrate_config('on_missing', 'error');
SELECT migrate_apply();
-- One that was deleted on purpose is not missing.
SELECT migrate_add('9', 'INSERT INTO log VALUES (''nine'')');
SELECT migrate_apply();
--! echo '-- migrate:deleted' > @DIR@/n/1_one.sql
SELECT migrate_load('@DIR@/n');
SELECT migrate_apply();
SELECT version, state FROM migrate_status();
SELECT what FROM log ORDER BY what;
