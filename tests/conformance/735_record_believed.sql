--@ r/R__seen.sql
--| DROP VIEW IF EXISTS seen;
--| CREATE VIEW seen AS SELECT 1 AS x;
-- The recorded schema, and what each migration has changed of it, are held
-- against the history: nobody can wipe or replace them unseen.
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT migrate_add('2', 'CREATE TABLE two (id integer)', 'DROP TABLE two');
SELECT migrate_apply();
SELECT kind, version, object, problem, hint FROM migrate_verify();
-- All of it is gone: a record of nothing is no record.
BEGIN;
DELETE FROM migrate_object;
SELECT kind, object, problem, hint FROM migrate_verify();
SELECT CASE WHEN migrate_accept() >= 0 THEN 1 END;
SELECT kind, object, problem FROM migrate_verify();
ROLLBACK;
-- An earlier state is put back, as a whole.
CREATE TABLE earlier AS SELECT * FROM migrate_object;
SELECT migrate_accept();
SELECT migrate_rollback();
SELECT kind, object, problem FROM migrate_verify() WHERE kind = 'schema';
BEGIN;
DELETE FROM migrate_object;
INSERT INTO migrate_object SELECT * FROM earlier;
SELECT kind, object, problem, hint FROM migrate_verify() WHERE kind = 'schema';
SELECT CASE WHEN migrate_accept() >= 0 THEN 1 END;
SELECT kind, object, problem FROM migrate_verify();
ROLLBACK;
-- Another project shares the record.
SELECT migrate_config('project', 'other');
SELECT migrate_add('1', 'CREATE TABLE three (id integer)', 'DROP TABLE three');
SELECT migrate_apply();
SELECT kind, object, problem FROM migrate_verify();
SELECT migrate_config('project', NULL);
SELECT kind, object, problem FROM migrate_verify();
SELECT migrate_apply();
SELECT kind, object, problem FROM migrate_verify();
-- What a migration has changed.
BEGIN;
DELETE FROM migrate_delta;
SELECT kind, version, object, problem, hint FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_delta SET objects = replace(objects, 'two', 'owt')
WHERE project = 'default' AND version = '2';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_delta SET seq = seq + 1 WHERE project = 'default';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
-- What is taken back, or only recorded, needs none.
SELECT migrate_redo();
SELECT migrate_rollback('base');
SELECT migrate_stamp('head');
SELECT kind, version, object, problem FROM migrate_verify() WHERE kind = 'record';
-- People are not shown these lines.
SELECT count(*) FROM migrate_history()
WHERE detail LIKE '%schema: %' OR detail LIKE '%delta: %';
-- What runs again keeps one row, which comes to nothing in the end.
SELECT migrate_load('@DIR@/r');
SELECT migrate_apply();
--! printf 'DROP VIEW IF EXISTS seen;\nCREATE VIEW seen AS SELECT 2 AS x;\n' > @DIR@/r/R__seen.sql
SELECT migrate_load('@DIR@/r');
SELECT migrate_apply();
SELECT kind, version, object, problem FROM migrate_verify() WHERE kind = 'record';
SELECT count(*) FROM migrate_delta WHERE version LIKE '%seen%';
--! printf 'DROP VIEW IF EXISTS seen;\n' > @DIR@/r/R__seen.sql
SELECT migrate_load('@DIR@/r');
SELECT migrate_apply();
SELECT kind, version, object, problem FROM migrate_verify() WHERE kind = 'record';
SELECT count(*) FROM migrate_delta WHERE version LIKE '%seen%';
-- A row that has another key: a run would not find it.
BEGIN;
UPDATE migrate_object SET key = 'x' || substr(key, 2) WHERE kind = 'table';
SELECT kind, object, problem FROM migrate_verify();
SELECT CASE WHEN migrate_accept() >= 0 THEN 1 END;
SELECT count(*) FROM migrate_verify();
ROLLBACK;
