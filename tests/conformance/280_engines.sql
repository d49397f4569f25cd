-- An engine's own section replaces the common one; the other's is passed over.
--@ m/1_first.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('common');
--| -- migrate:up sqlite
--| INSERT INTO log SELECT 'own' FROM (SELECT sqlite_version()) AS v;
--| -- migrate:up postgresql
--| INSERT INTO log SELECT 'own' FROM pg_catalog.version();
--| -- migrate:down
--| INSERT INTO log VALUES ('common back');
--@ m/2_before.sql
--| -- migrate:up postgresql
--| INSERT INTO log SELECT 'own two' FROM pg_catalog.version();
--| -- migrate:up sqlite
--| INSERT INTO log SELECT 'own two' FROM (SELECT sqlite_version()) AS v;
--| -- migrate:up
--| INSERT INTO log VALUES ('common two');
--| -- migrate:down sqlite
--| INSERT INTO log SELECT 'own back' FROM (SELECT sqlite_version()) AS v;
--| -- migrate:down postgresql
--| INSERT INTO log SELECT 'own back' FROM pg_catalog.version();
--@ m/3_verify.sql
--| -- migrate:up
--| -- migrate:verify sqlite
--| SELECT sqlite_version() <> '';
--| -- migrate:verify postgresql
--| SELECT pg_catalog.version() <> '';
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/m');
SELECT what FROM log ORDER BY what;
DELETE FROM log;
SELECT migrate_stamp('base');
SELECT migrate_stamp('2');
SELECT migrate_rollback('base');
SELECT what FROM log ORDER BY what;
SELECT migrate_add('9', '-- migrate:up oracle
SELECT 9');
