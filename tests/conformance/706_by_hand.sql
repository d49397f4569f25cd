-- What migrations do to what others have changed before.
SELECT migrate_config('on_drift', 'ignore');
SELECT migrate_add('1', 'CREATE TABLE one (id integer, n text); CREATE TABLE uno (id integer, n text); CREATE INDEX ix ON one (n)');
SELECT migrate_apply();
-- An index that a hand has moved is made anew, and goes with its table.
DROP INDEX ix;
CREATE INDEX ix ON uno (n);
SELECT migrate_add('2', 'DROP INDEX ix; CREATE INDEX ix ON one (id)');
SELECT migrate_apply();
SELECT count(*) FROM migrate_drift();
SELECT migrate_add('3', 'DROP INDEX ix; CREATE INDEX ix ON uno (id); DROP TABLE one');
SELECT migrate_apply();
SELECT count(*) FROM migrate_drift();
SELECT CASE WHEN migrate_fingerprint() = migrate_fingerprint('3') THEN 'as recorded' END;
-- A table that a hand has renamed.
ALTER TABLE uno RENAME TO zwei;
SELECT migrate_add('4', 'DROP TABLE zwei');
SELECT migrate_apply();
SELECT count(*) FROM migrate_verify() WHERE kind = 'schema';
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;

-- A column by hand, which a migration's definition then has, and is gone again.
SELECT migrate_add('5', 'CREATE TABLE five (a integer)', 'DROP TABLE five');
SELECT migrate_apply();
ALTER TABLE five ADD COLUMN h integer;
SELECT migrate_add('6', 'ALTER TABLE five ADD COLUMN b integer');
SELECT migrate_apply();
SELECT kind, change FROM migrate_drift();
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;

-- What others have put on a table goes with it: nothing is forgotten.
SELECT migrate_config('on_forgotten', 'error');
SELECT migrate_add('7', 'CREATE TABLE seven (a integer)', 'DROP TABLE seven');
SELECT migrate_apply();
CREATE INDEX by_hand ON seven (a);
SELECT migrate_rollback();
SELECT count(*) FROM migrate_status() WHERE version = '7' AND state = 'pending';
SELECT count(*) FROM migrate_drift();
