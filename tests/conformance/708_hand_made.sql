-- What a hand has made stays drift, whatever migrations add to it.
SELECT migrate_config('on_drift', 'ignore');
SELECT migrate_add('1', 'CREATE TABLE one (id integer)');
SELECT migrate_apply();
CREATE TABLE hand (a integer, c integer);
SELECT migrate_add('2', 'ALTER TABLE hand ADD COLUMN b integer; CREATE INDEX hand_b ON hand (b)');
SELECT migrate_apply();
SELECT kind, change FROM migrate_drift();
SELECT migrate_add('3', 'ALTER TABLE hand ADD COLUMN d integer', 'SELECT 3');
SELECT migrate_apply();
SELECT kind, change FROM migrate_drift();
SELECT count(*) FROM migrate_verify() WHERE kind = 'schema';
-- What is a migration's own is missed when it is gone.
DROP INDEX hand_b;
SELECT kind, change FROM migrate_drift() ORDER BY kind;
CREATE INDEX hand_b ON hand (b);
-- Accepted, it is as all others.
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;
SELECT count(*) FROM migrate_drift();
SELECT CASE WHEN migrate_fingerprint() IS NOT NULL THEN 'known' END;

-- What a migration makes anew is its own.
CREATE VIEW seen AS SELECT 1 AS a;
CREATE TABLE twice (a integer);
SELECT kind, change FROM migrate_drift();
SELECT migrate_add('4', 'DROP VIEW seen; CREATE VIEW seen AS SELECT 2 AS a; DROP TABLE twice; CREATE TABLE twice (b integer)');
SELECT migrate_apply();
SELECT count(*) FROM migrate_drift();
-- Altered and then dropped, nothing is left of it.
CREATE TABLE gone (a integer);
SELECT migrate_add('5', 'ALTER TABLE gone ADD COLUMN b integer');
SELECT migrate_add('6', 'DROP TABLE gone');
SELECT migrate_apply();
SELECT count(*) FROM migrate_drift();
SELECT count(*) FROM migrate_verify() WHERE kind = 'schema';
SELECT CASE WHEN migrate_fingerprint() = migrate_fingerprint('6') THEN 'as recorded' END;

-- A migration that was recorded alone, and its table made by hand otherwise.
SELECT migrate_add('7', 'CREATE TABLE seven (id integer, name text)', 'DROP TABLE seven');
SELECT migrate_stamp('7');
SELECT count(*) FROM migrate_drift();
CREATE TABLE seven (id integer);
SELECT kind, change FROM migrate_drift();
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;
SELECT count(*) FROM migrate_drift();
SELECT migrate_config('on_forgotten', 'error');
SELECT migrate_rollback();
SELECT count(*) FROM migrate_drift();
SELECT count(*) FROM migrate_verify() WHERE kind = 'schema';
