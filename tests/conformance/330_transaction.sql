-- Inside a transaction of the caller's all belongs to that one.
CREATE TABLE log (what text);
-- Rolled back: nothing is left, not even the catalogue's rows.
BEGIN;
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT migrate_add('2', 'INSERT INTO log VALUES (''two'')');
SELECT migrate_config('environment', 'test');
SELECT migrate_apply();
INSERT INTO log VALUES ('own');
SELECT what FROM log ORDER BY what;
SELECT version, state FROM migrate_status();
ROLLBACK;
SELECT count(*) FROM log;
SELECT count(*) FROM migrate_status();
SELECT count(*) FROM migrate_history();
SELECT migrate_config('environment');
CREATE TABLE one (id integer);
DROP TABLE one;

-- Committed: all stays.
BEGIN;
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT migrate_add('2', 'INSERT INTO log VALUES (''two'')',
                   'DELETE FROM log');
SELECT migrate_apply('1');
INSERT INTO one VALUES (1);
SELECT migrate_apply();
COMMIT;
SELECT count(*) FROM one;
SELECT version, state FROM migrate_status();

-- A rollback of migrations, rolled back.
BEGIN;
SELECT migrate_rollback('base');
SELECT count(*) FROM log;
SELECT migrate_pending();
ROLLBACK;
SELECT count(*) FROM log;
SELECT migrate_pending();
SELECT migrate_current();

-- To a savepoint.
BEGIN;
SELECT migrate_add('3', 'INSERT INTO log VALUES (''three'')');
SAVEPOINT before;
SELECT migrate_apply();
ROLLBACK TO before;
RELEASE before;
SELECT migrate_pending();
COMMIT;
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
SELECT what FROM log ORDER BY what;
SELECT action, version, outcome FROM migrate_history() ORDER BY seq;
SELECT count(*) FROM migrate_event a
JOIN migrate_event b ON b.seq = a.seq + 1 WHERE b.previous_hash <> a.hash;

-- What is refused leaves nothing of it.
BEGIN;
SELECT migrate_redo();
ROLLBACK;
SELECT migrate_current();
