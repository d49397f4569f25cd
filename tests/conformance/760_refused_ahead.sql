-- What would destroy rows is refused before the first step of a run, which
-- keeps its confirmation.
CREATE TABLE kept (first int);
CREATE TABLE later (first int);
CREATE TABLE log (what text);
INSERT INTO kept VALUES (1), (2);
SELECT migrate_add('1', 'INSERT INTO log VALUES (''one'')', 'DELETE FROM log WHERE what = ''one''');
SELECT migrate_add('2', 'INSERT INTO log VALUES (''two'');
DROP TABLE kept', '');
SELECT migrate_config('environment', 'production');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT count(*) FROM log;
SELECT migrate_config('confirm');
SELECT count(*) FROM migrate_history() WHERE action = 'confirm';
SELECT version, state FROM migrate_status();
-- Up to there the run is free.
SELECT migrate_apply('1');
SELECT migrate_config('confirm');
-- Rows that come, and a table that is made, during the run are seen when the
-- statement runs; what was applied before it stays so where the engine can.
SELECT migrate_add('2', 'INSERT INTO later VALUES (1)', 'DELETE FROM later WHERE first = 1');
SELECT migrate_add('3', 'DELETE FROM later', 'DROP TABLE kept');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT migrate_config('confirm', '@DATABASE@');
SELECT CASE WHEN migrate_stamp('2') >= 0 THEN 'stamped' END;
-- The mark lets it pass, and a way back is held to the same.
DELETE FROM later;
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_rollback('1');
SELECT migrate_config('confirm');
SELECT migrate_redo();
SELECT migrate_config('confirm');
SELECT count(*) FROM kept;
SELECT migrate_add('3', '-- migrate:destructive
DELETE FROM later', 'DROP TABLE kept');
SELECT migrate_rollback('1');
SELECT migrate_config('confirm');
SELECT version, state FROM migrate_status();
-- One that a precondition may let be passed over is looked at when it runs.
CREATE TABLE guarded (first int);
INSERT INTO guarded VALUES (1);
SELECT migrate_config('project', 'asked');
--@ asked/changes.sql
--| --liquibase formatted sql
--| --changeset me:1
--| --preconditions onFail:MARK_RAN
--| --precondition-sql-check expectedResult:0 SELECT count(*) FROM guarded
--| DROP TABLE guarded;
--| --changeset me:2
--| INSERT INTO log VALUES ('three');
SELECT migrate_load('@DIR@/asked');
SELECT state FROM migrate_preflight() WHERE name LIKE 'destr%';
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT count(*) FROM guarded;
-- Hooks are looked at, too.
--@ hooks/V1__a.sql
--| INSERT INTO log VALUES ('four');
--@ hooks/beforeEachMigrate.sql
--| DELETE FROM guarded;
SELECT migrate_config('project', 'hooks');
SELECT migrate_config('format', 'flyway');
SELECT migrate_load('@DIR@/hooks');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT migrate_config('confirm');
