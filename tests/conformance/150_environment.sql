-- Migrations that are for some environments alone.
--@ m/1_all.sql
--| INSERT INTO log VALUES ('all');
--@ m/2_live.sql
--| -- migrate:env production, staging
--| -- migrate:up
--| INSERT INTO log VALUES ('live');
--@ m/3_test.sql
--| -- migrate:env test
--| INSERT INTO log VALUES ('test');
--@ m/4_needs.sql
--| -- migrate:requires 2
--| INSERT INTO log VALUES ('needs');
CREATE TABLE log (what text);
SELECT migrate_load('@DIR@/m');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
-- The one that is asked for must not be passed over in silence.
SELECT migrate_apply('3');
SELECT migrate_apply('1');
SELECT migrate_apply();
SELECT what FROM log;
SELECT migrate_config('environment', 'staging');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
-- An environment is entered late: what it adds lies below what is applied.
SELECT migrate_apply();
SELECT what FROM log ORDER BY what;
SELECT version, state FROM migrate_status();
SELECT migrate_config('environment', 'test');
SELECT migrate_pending();
SELECT version, state FROM migrate_status();
