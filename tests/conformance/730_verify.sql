-- Whether the history can be believed: any change of it by hand is found.
SELECT count(*) FROM migrate_verify();
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one', 'one');
SELECT migrate_add('2', 'CREATE TABLE two (id integer)', 'DROP TABLE two', 'two');
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT migrate_apply();
SELECT migrate_config('environment', 'test');
SELECT seq, action, version FROM migrate_history();
-- No row: all is well.
SELECT kind, version, object, problem, hint FROM migrate_verify();
-- An event's columns, one after another.
BEGIN;
UPDATE migrate_event SET project = 'x' WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET project = 'x' WHERE seq = 7;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET target = 'x' WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET target = 'x' WHERE seq = 7;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET seq = seq + 100 WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET at = at + 1 WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET action = 'applz' WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET version = '3' WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET name = 'onf' WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET outcome = 'oj' WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET duration_us = coalesce(duration_us, 0) + 1 WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET actor = actor || 'x' WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET client = client || 'x' WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET checksum = NULL WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET detail = 'why' WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET previous_hash = hash WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET hash = previous_hash WHERE seq = 3;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
-- What is NULL is not empty, and the other way round.
BEGIN;
UPDATE migrate_event SET version = '' WHERE seq = 7;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_event SET name = NULL WHERE seq = 7;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
-- Taken away at the beginning, and in the middle.
BEGIN;
DELETE FROM migrate_event WHERE seq = 1;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
DELETE FROM migrate_event WHERE seq IN (4, 5);
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
-- Re-ordered.
BEGIN;
UPDATE migrate_event SET seq = 99 WHERE seq = 1;
UPDATE migrate_event SET seq = 1 WHERE seq = 2;
UPDATE migrate_event SET seq = 2 WHERE seq = 99;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
-- Put in, with the number of one that is gone.
BEGIN;
DELETE FROM migrate_event WHERE seq = 2;
INSERT INTO migrate_event (project, target, seq, at, action, outcome, actor,
    client, previous_hash, hash)
SELECT project, target, 2, at, 'config', 'ok', actor, client, hash, hash
FROM migrate_event WHERE seq = 1;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
-- Put in at the end.
BEGIN;
INSERT INTO migrate_event (project, target, seq, at, action, outcome, actor,
    client, previous_hash, hash)
SELECT project, target, 8, at, 'config', 'ok', actor, client, hash, hash
FROM migrate_event WHERE seq = 7;
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
-- The chain of one target as that of another.
BEGIN;
INSERT INTO migrate_event
SELECT project, 'copy', seq, at, action, version, name, outcome, duration_us,
    actor, client, checksum, detail, previous_hash, hash FROM migrate_event;
SELECT kind, version, object, problem FROM migrate_verify() WHERE kind = 'history';
SELECT kind, version, object, problem FROM migrate_verify() WHERE kind <> 'history';
ROLLBACK;
-- The record of what is applied.
BEGIN;
UPDATE migrate_applied SET version = '7' WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET target = 'other' WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET position = position || '0' WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET name = 'x' WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET file = 'x' WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET checksum = 'x' WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET up = up || up WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET down = NULL WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET ordinal = ordinal + 1 WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET at = at + 1 WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET actor = 'x' WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET duration_us = duration_us + 1 WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET added_by = added_by || 'x' WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
DELETE FROM migrate_applied WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
BEGIN;
INSERT INTO migrate_applied
SELECT project, target, '3', position, name, file, checksum, up, down, verify,
    ordinal, at, actor, duration_us, added_by FROM migrate_applied
WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify();
ROLLBACK;
-- The texts; what is not said differs between the engines.
BEGIN;
UPDATE migrate_text SET hash = replace(hash, '4', '5');
SELECT kind, version, count(*), problem FROM migrate_verify()
GROUP BY kind, version, problem ORDER BY problem, version;
ROLLBACK;
BEGIN;
DELETE FROM migrate_text;
SELECT kind, version, object, problem, hint FROM migrate_verify();
ROLLBACK;
BEGIN;
UPDATE migrate_applied SET down = 'x' WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify() WHERE kind = 'text';
UPDATE migrate_migration SET down = replace(down, ':0:14:', ':2:14:') WHERE version = '1';
SELECT kind, version, object, problem FROM migrate_verify() WHERE kind = 'text';
ROLLBACK;
-- All is well again.
SELECT count(*) FROM migrate_verify();
