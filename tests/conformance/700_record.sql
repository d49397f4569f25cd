-- The schema is recorded with each migration; what others change is drift.
CREATE TABLE old (id integer, name text);
SELECT migrate_add('1', 'CREATE TABLE one (id integer NOT NULL, name text); CREATE INDEX one_name ON one (name)',
                   'DROP TABLE one');
SELECT migrate_add('2', 'CREATE VIEW few AS SELECT id FROM one',
                   'DROP VIEW few');
-- Nothing is recorded before the first run.
SELECT count(*) FROM migrate_drift();
SELECT migrate_apply('1');
SELECT action, version, outcome FROM migrate_history() ORDER BY seq;
SELECT count(*) FROM migrate_drift();
SELECT migrate_apply();
SELECT CASE WHEN migrate_fingerprint() = migrate_fingerprint('2') THEN 'as recorded' ELSE 'another' END;
SELECT CASE WHEN migrate_fingerprint('1') = migrate_fingerprint('2') THEN 'the same' ELSE 'another' END;
SELECT migrate_fingerprint('9');
SELECT CASE WHEN migrate_fingerprint('02') = migrate_fingerprint('2') THEN 'the same' END;

-- By another hand, each kind of change.
CREATE TABLE hand (id integer);
SELECT kind, change FROM migrate_drift() WHERE object LIKE '%hand';
DROP TABLE hand;
SELECT count(*) FROM migrate_drift();
-- A column that is added, in a transaction that is undone.
BEGIN;
ALTER TABLE one ADD COLUMN more text;
SELECT kind, change FROM migrate_drift();
ROLLBACK;
SELECT count(*) FROM migrate_drift();
DROP INDEX one_name;
SELECT kind, change, CASE WHEN expected IS NULL THEN 'none' ELSE 'text' END,
       CASE WHEN actual IS NULL THEN 'none' ELSE 'text' END FROM migrate_drift();
CREATE INDEX one_name ON one (id);
SELECT kind, change FROM migrate_drift();
DROP INDEX one_name;
CREATE INDEX one_name ON one (name);
SELECT count(*) FROM migrate_drift();
DROP VIEW few;
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
CREATE VIEW few AS SELECT id FROM one;
SELECT count(*) FROM migrate_drift();

-- A run does not launder it: it stays until it is accepted.
DROP INDEX one_name;
SELECT migrate_add('3', 'CREATE TABLE three (id integer)', 'DROP TABLE three');
SELECT migrate_apply();
SELECT kind, change FROM migrate_drift();
SELECT action, version FROM migrate_history() WHERE action IN ('drift', 'apply') ORDER BY seq;
-- The same drift is noted once.
SELECT migrate_rollback();
SELECT migrate_apply();
SELECT count(*) FROM migrate_history() WHERE action = 'drift';
DROP VIEW few;
SELECT migrate_rollback();
SELECT count(*) FROM migrate_history() WHERE action = 'drift';
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner' ORDER BY kind;
SELECT migrate_config('on_drift', 'error');
SELECT migrate_config('on_drift', NULL);
SELECT CASE WHEN migrate_accept(NULL, 'made by hand in a hurry') >= 2 THEN 'accepted' END;
SELECT count(*) FROM migrate_drift();
SELECT action FROM migrate_history() ORDER BY seq DESC LIMIT 1;
SELECT count(*) FROM migrate_history() WHERE action = 'accept' AND detail LIKE '%reason: made by hand in a hurry';
SELECT migrate_accept();

-- What a migration touches by itself becomes what is recorded.
DROP TABLE old;
SELECT migrate_add('4', 'CREATE TABLE old (id integer, name text)', 'DROP TABLE old');
SELECT CASE WHEN count(*) > 0 THEN 'drift' END FROM migrate_drift();
SELECT migrate_apply();
SELECT count(*) FROM migrate_drift();
