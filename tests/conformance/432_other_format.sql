-- A directory that is taken for another tool's than when it was applied, where
-- its files have other versions: nothing is run again.
--@ m/1_a.sql
--| CREATE TABLE log (what text);
--@ m/2_b.sql
--| INSERT INTO log VALUES ('b');
--@ n/1_a.sql
--| CREATE TABLE log (what text);
--@ n/2_b.sql
--| INSERT INTO log VALUES ('b');
--@ n/3_c.sql
--| INSERT INTO log VALUES ('c');
--@ n/3_c.rollback.sql
--| DELETE FROM log WHERE what = 'c';
SELECT migrate_up('@DIR@/m');
SELECT migrate_up('@DIR@/n');
SELECT migrate_load('@DIR@/n');
SELECT version, state FROM migrate_status();
SELECT what FROM log ORDER BY what;
-- By the setting, too.
SELECT migrate_config('format', 'yoyo');
SELECT migrate_load('@DIR@/m');
SELECT version, state FROM migrate_status();
-- What is only loaded may be read anew.
SELECT migrate_config('project', 'other');
SELECT migrate_config('format', 'native');
SELECT migrate_load('@DIR@/m');
SELECT migrate_config('format', 'auto');
SELECT migrate_load('@DIR@/n');
SELECT version, state FROM migrate_status();
