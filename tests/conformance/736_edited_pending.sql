-- What is not applied yet is under no event's hash; what somebody has edited
-- there by hand does not run nevertheless.
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT migrate_apply();
SELECT migrate_add('2', 'CREATE TABLE two (id integer)', 'DROP TABLE two');
BEGIN;
CREATE TABLE put AS SELECT hash, body FROM migrate_text;
UPDATE migrate_text SET body = (SELECT body FROM put WHERE hash = (SELECT substr(down, 1, 64) FROM migrate_applied));
SELECT kind, version, problem, hint FROM migrate_verify()
WHERE kind = 'text' GROUP BY kind, version, problem, hint ORDER BY problem, version;
SELECT name, state FROM migrate_preflight() WHERE name = 'pending migrations';
ROLLBACK;
CREATE TABLE kept AS SELECT hash, body FROM migrate_text;
UPDATE migrate_text SET body = (SELECT body FROM kept WHERE hash = (SELECT substr(up, 1, 64) FROM migrate_applied))
WHERE hash IN (SELECT substr(up, 1, 64) FROM migrate_migration WHERE version = '2');
UPDATE migrate_text SET body = (SELECT body FROM kept WHERE hash = (SELECT substr(down, 1, 64)
    FROM migrate_migration WHERE version = '2'))
WHERE hash IN (SELECT substr(down, 1, 64) FROM migrate_applied WHERE version = '1');
SELECT count(*) FROM migrate_text t JOIN kept k ON k.hash = t.hash
WHERE k.body <> t.body;
SELECT migrate_accept();
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT version FROM migrate_applied;
UPDATE migrate_text SET body = (SELECT k.body FROM kept k WHERE k.hash = migrate_text.hash);
SELECT count(*) FROM migrate_verify() WHERE kind = 'text';
SELECT migrate_apply();
-- A setting that can have no such value.
INSERT INTO migrate_setting (name, value, set_by) VALUES ('out_of_order', 'maybe', 'x');
INSERT INTO migrate_setting (name, value, set_by) VALUES ('nonsense', 'x', 'x');
SELECT kind, object, problem, hint FROM migrate_verify() WHERE kind = 'setting' ORDER BY object;
SELECT migrate_apply();
SELECT migrate_add('3', 'SELECT 3');
SELECT migrate_config('environment', 'test');
SELECT migrate_config('out_of_order', NULL);
DELETE FROM migrate_setting WHERE name = 'nonsense';
SELECT count(*) FROM migrate_verify() WHERE kind = 'setting';
SELECT migrate_add('3', 'SELECT 3');
