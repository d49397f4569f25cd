-- ${name} is replaced where a variable of the name is set, and nowhere else;
-- when a migration is applied, in its way back too.
--@ m/1_one.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('${who}', '${unknown} $who ${} ${who $ {who}');
--| -- migrate:down
--| INSERT INTO log VALUES ('down', '${who}');
--| -- migrate:verify
--| SELECT count(*) = 1 FROM log WHERE who = '${who}';
CREATE TABLE log (who text, what text);
SELECT migrate_load('@DIR@/m');
SELECT migrate_config('var.who', 'ann');
SELECT sql FROM migrate_plan();
SELECT migrate_config('var.who', 'bob');
SELECT sql FROM migrate_plan();
SELECT migrate_apply();
SELECT who, what FROM log;
-- The way back is as it was then.
SELECT migrate_config('var.who', 'cid');
SELECT migrate_load('@DIR@/m');
SELECT state FROM migrate_status();
SELECT migrate_rollback();
SELECT who, what FROM log WHERE who = 'down';
SELECT migrate_apply();
SELECT count(*) FROM log WHERE who = 'cid';
-- A value is not looked at again; names are told apart by case.
SELECT migrate_config('var.a', '${b}');
SELECT migrate_config('var.b', 'no');
SELECT migrate_config('var.A', 'upper');
SELECT migrate_add('2', 'INSERT INTO log VALUES (''two'', ''${a}${A}${b}${a'')');
SELECT migrate_apply();
SELECT what FROM log WHERE who = 'two';
-- Without variables nothing is replaced.
SELECT migrate_config('var.who', NULL);
SELECT migrate_add('3', 'INSERT INTO log VALUES (''three'', ''${who}'')');
SELECT migrate_apply();
SELECT what FROM log WHERE who = 'three';
