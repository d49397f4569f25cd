-- NULL: the default where there is one, an error where there is none.
SELECT migrate_load(NULL);
SELECT migrate_add(NULL, 'SELECT 1');
SELECT migrate_add('1', NULL);
SELECT migrate_add(NULL, NULL, NULL, NULL);
SELECT migrate_up(NULL);
SELECT migrate_up(NULL, 'head');
SELECT migrate_rollback(NULL);
SELECT migrate_stamp(NULL);
SELECT migrate_config(NULL);
SELECT migrate_config(NULL, 'x');
SELECT migrate_config(NULL, NULL);
SELECT count(*) FROM migrate_show(NULL);
SELECT count(*) FROM migrate_history();

SELECT migrate_add('1', 'SELECT 1', NULL, NULL);
SELECT migrate_add('2', 'SELECT 1', NULL);
SELECT count(*) FROM migrate_plan(NULL);
SELECT migrate_apply(NULL);
SELECT migrate_current();
--@ m/3_three.sql
--| SELECT 3;
SELECT migrate_up('@DIR@/m', NULL);
SELECT migrate_config('environment', NULL);
SELECT migrate_config('var.none', NULL);
SELECT migrate_rollback(NULL);
SELECT migrate_current();
