-- What stands in the way of taking a history over, and what can be done.
--@ m/1_one.up.sql
--| CREATE TABLE one (id integer);
--@ m/1_one.down.sql
--| DROP TABLE one;
--@ m/2_two.up.sql
--| CREATE TABLE two (id integer);
SELECT migrate_load('@DIR@/m');
-- A row of what is not in the directory.
CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('1');
INSERT INTO schema_migrations VALUES ('20240101');
INSERT INTO schema_migrations VALUES ('20240102');
SELECT migrate_adopt();
SELECT history, recorded, version, state, problem FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
SELECT version, state FROM migrate_status();
SELECT migrate_config('on_unmatched', 'maybe');
SELECT migrate_config('on_unmatched', 'warn');
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
SELECT migrate_config('on_unmatched', NULL);
-- Of the same shape, but Rails': what is beside the table tells.
CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar);
DELETE FROM schema_migrations WHERE version <> '1';
SELECT DISTINCT history FROM migrate_adopt_report();
SELECT DISTINCT history FROM migrate_adopt_report('dbmate');
DROP TABLE ar_internal_metadata;
-- Two tools' histories.
CREATE TABLE _sqlx_migrations (
    version bigint PRIMARY KEY, description text NOT NULL,
    installed_on timestamp NOT NULL, success boolean NOT NULL,
    checksum text NOT NULL, execution_time bigint NOT NULL);
INSERT INTO _sqlx_migrations
VALUES (1, 'one', '2024-01-01 10:00:00', true, 'x', 1500000);
INSERT INTO _sqlx_migrations
VALUES (2, 'two', '2024-01-01 10:00:00', false, 'x', -1);
SELECT migrate_adopt();
SELECT DISTINCT history FROM migrate_adopt_report() ORDER BY history;
-- One that has failed.
SELECT migrate_adopt('sqlx');
SELECT recorded, version, state, problem FROM migrate_adopt_report('sqlx')
WHERE state NOT IN ('missing', 'extra');
SELECT migrate_config('on_unmatched', 'warn');
SELECT migrate_adopt('sqlx');
DELETE FROM _sqlx_migrations WHERE version = 2;
SELECT migrate_adopt('sqlx');
DROP TABLE _sqlx_migrations;
DROP TABLE schema_migrations;
SELECT migrate_config('on_unmatched', NULL);
-- One row for all, marked dirty.
CREATE TABLE schema_migrations (version bigint NOT NULL, dirty boolean NOT NULL);
INSERT INTO schema_migrations VALUES (2, true);
SELECT migrate_adopt();
SELECT recorded, state, problem FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
-- A version beyond the directory: it is an older one.
UPDATE schema_migrations SET version = 3, dirty = false;
SELECT migrate_adopt();
SELECT recorded, version, state, problem FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
-- It says nothing of those below it, also where such rows are left out.
SELECT migrate_config('on_unmatched', 'warn');
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
SELECT migrate_config('on_unmatched', NULL);
UPDATE schema_migrations SET version = 2;
SELECT migrate_adopt();
DROP TABLE schema_migrations;
-- A view is no history.
CREATE VIEW goose_db_version AS
SELECT 1 AS id, 1 AS version_id, 1 AS is_applied, 'x' AS tstamp;
SELECT migrate_adopt('goose');
DROP VIEW goose_db_version;
-- A migration cannot adopt.
SELECT migrate_add('3', 'SELECT migrate_adopt()');
SELECT migrate_apply();
