-- What goes with a table that is renamed is recorded at its new place.
SELECT migrate_add('1', 'CREATE TABLE one (id integer, name text, CHECK (id > 0)); CREATE INDEX one_name ON one (name)',
                   'DROP TABLE one');
SELECT migrate_add('2', 'ALTER TABLE one RENAME TO two',
                   'ALTER TABLE two RENAME TO one');
SELECT migrate_add('3', 'DROP INDEX one_name; CREATE TABLE one (name text); CREATE INDEX one_name ON one (name)',
                   'DROP TABLE one; CREATE INDEX one_name ON two (name)');
SELECT migrate_apply('1');
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
SELECT migrate_apply('2');
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
SELECT migrate_apply('3');
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
SELECT CASE WHEN migrate_fingerprint() = migrate_fingerprint('3') THEN 'as recorded' ELSE 'another' END;

-- And back.
SELECT migrate_rollback('2');
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
SELECT CASE WHEN migrate_fingerprint() = migrate_fingerprint('2') THEN 'as recorded' ELSE 'another' END;
SELECT migrate_rollback('1');
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
SELECT CASE WHEN migrate_fingerprint() = migrate_fingerprint('1') THEN 'as recorded' ELSE 'another' END;

-- All in one run, and what is made and dropped in one migration.
SELECT migrate_add('4', 'CREATE TABLE three (id integer); DROP TABLE three; ALTER TABLE two RENAME TO three');
SELECT migrate_apply();
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
SELECT CASE WHEN migrate_fingerprint() = migrate_fingerprint('4') THEN 'as recorded' ELSE 'another' END;

-- The same by another hand.
ALTER TABLE three RENAME TO four;
SELECT kind, change FROM migrate_drift() WHERE kind = 'table' ORDER BY change;
ALTER TABLE four RENAME TO three;
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
