-- Flyway: placeholders, conditions, a way back, repeatables, order.
--@ m/V1__one.sql
--| -- A comment's ${PLACE} counts as well.
--| CREATE TABLE log (what text);
--| INSERT INTO log VALUES ('${place} ${my.schema} ${my-app} ${FLYWAY:Filename}');
--| INSERT INTO log VALUES ('${flyway:table} ${flyway:environment}');
--| INSERT INTO log SELECT CASE WHEN '${flyway:timestamp}' LIKE '20__-__-__ __:__:__' THEN 'a time' END;
--| INSERT INTO log SELECT CASE WHEN '${flyway:defaultSchema}' IN ('main', 'public') THEN 'a schema' END;
--@ m/U1__one.sql
--| INSERT INTO kept VALUES ('${place}');
--| DROP TABLE log;
--@ m/V2__two.sql
--| INSERT INTO log VALUES ('${as it is');
--@ m/V2__two.sql.conf
--| placeholderReplacement=false
--@ m/U2__two.sql
--| INSERT INTO kept VALUES ('two');
--@ m/U3__three.sql
--| INSERT INTO kept VALUES ('three');
--@ m/V3__three.sql
--| INSERT INTO log VALUES ('three');
--@ m/V3__three.sql.conf
--| shouldExecute=(${place}==here && ${flyway:table}!=x) || false
--@ m/R__what.sql
--| INSERT INTO log VALUES ('repeated');
CREATE TABLE kept (what text);
SELECT migrate_load('@DIR@/m');
-- One that is not set is an error that names it and its line; so is a condition.
SELECT migrate_apply();
SELECT version, state, detail FROM migrate_status();
SELECT migrate_config('var.Place', 'there');
SELECT migrate_apply();
SELECT migrate_config('var.my.schema', 's');
SELECT migrate_config('var.my-app', '');
SELECT migrate_apply();
SELECT what FROM log;
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
-- A condition may hold later; then its migration is due, and out of order.
SELECT migrate_config('var.place', 'here');
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
-- The way back is as it was when its migration was applied.
SELECT migrate_config('var.place', 'elsewhere');
SELECT migrate_rollback('base');
SELECT what FROM kept;
-- What is not closed.
--@ n/V1__one.sql
--| SELECT 1;
--| SELECT '${a';
SELECT migrate_config('project', 'other');
SELECT migrate_load('@DIR@/n');
SELECT migrate_apply();
-- One below an applied one is a mistake.
--@ o/V1_2__early.sql
--| SELECT 1;
--@ o/V01.10.0__late.sql
--| SELECT 1;
SELECT migrate_config('project', 'order');
SELECT migrate_load('@DIR@/o');
SELECT version FROM migrate_status();
SELECT migrate_apply();
--! echo "SELECT 1;" > @DIR@/o/V1.9.9__between.sql
SELECT migrate_load('@DIR@/o');
SELECT migrate_apply();
SELECT version, state FROM migrate_status();
