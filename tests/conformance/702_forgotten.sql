-- A way back must bring back the schema that was before.
CREATE TABLE log (what text);
SELECT migrate_add('1', 'CREATE TABLE one (id integer); CREATE TABLE other (id integer)',
                   'DROP TABLE one');
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT version FROM migrate_history() WHERE action = 'rollback' AND detail LIKE 'table %other is left behind';
SELECT count(*) FROM migrate_drift();
DROP TABLE other;
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;

-- As an error nothing is undone.
SELECT migrate_config('on_forgotten', 'error');
SELECT migrate_add('2', 'CREATE TABLE two (id integer)', 'DROP TABLE two; DROP TABLE log');
SELECT migrate_apply();
SELECT migrate_current();
SELECT count(*) FROM one;
SELECT migrate_config('on_forgotten', 'ignore');
SELECT migrate_rollback();
SELECT migrate_current();
SELECT count(*) FROM migrate_drift();

-- There and back again: the fingerprint is as at the start.
SELECT migrate_config('on_forgotten', 'error');
CREATE TABLE print (was text);
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;
INSERT INTO print SELECT migrate_fingerprint();
SELECT migrate_stamp('2');
SELECT migrate_add('5', 'CREATE TABLE five (id integer PRIMARY KEY, a text DEFAULT ''x''); CREATE INDEX five_a ON five (a)',
                   'DROP TABLE five');
SELECT migrate_add('6', 'ALTER TABLE five RENAME TO five_of_old; CREATE VIEW six AS SELECT a, id FROM five_of_old',
                   'DROP VIEW six; ALTER TABLE five_of_old RENAME TO five');
SELECT migrate_apply();
SELECT CASE WHEN was = migrate_fingerprint() THEN 'as at the start' ELSE 'another' END FROM print;
SELECT migrate_rollback('2');
SELECT CASE WHEN was = migrate_fingerprint() THEN 'as at the start' ELSE 'another' END FROM print;

-- What had been something else before, and what the way forward has not touched,
-- is told so: the fault is not here, or of another kind.
SELECT migrate_config('on_forgotten', 'warn');
SELECT migrate_add('3', 'CREATE TABLE five (a integer, b integer)', 'DROP TABLE five');
SELECT migrate_add('4', 'ALTER TABLE five RENAME COLUMN a TO x', 'ALTER TABLE five RENAME COLUMN x TO a');
SELECT migrate_add('5', 'ALTER TABLE five ADD COLUMN c integer', 'SELECT 1');
SELECT migrate_add('6', 'SELECT 1', 'CREATE TABLE six (id integer)');
SELECT migrate_apply();
SELECT migrate_rollback('3');
SELECT version FROM migrate_history() WHERE action = 'rollback' AND detail LIKE 'table %six is left behind; the way forward had not changed it';
SELECT version FROM migrate_history() WHERE action = 'rollback' AND detail LIKE 'column %five.c is left behind';
SELECT version FROM migrate_history() WHERE action = 'rollback' AND detail LIKE 'table %five is not as it was before; it had been changed since';
SELECT migrate_rollback();
SELECT version FROM migrate_history() WHERE action = 'rollback' AND version = '3' AND detail LIKE '%five%';
