-- A run does not begin a record anew where one is gone: what another hand has
-- changed would be expected from then on.
SELECT migrate_add('1', 'CREATE TABLE mine (id integer PRIMARY KEY)', 'DROP TABLE mine');
SELECT migrate_add('2', 'CREATE TABLE more (id integer PRIMARY KEY)');
SELECT migrate_apply('1');
CREATE TABLE hand (id integer PRIMARY KEY);
SELECT migrate_config('on_drift', 'error');
SELECT state FROM migrate_preflight() WHERE name = 'drift';
-- Without its header, and without anything.
DELETE FROM migrate_object WHERE kind = 'record';
SELECT migrate_apply();
SELECT state, detail, hint FROM migrate_preflight() WHERE name = 'drift';
DELETE FROM migrate_object;
SELECT migrate_apply();
SELECT state, detail FROM migrate_preflight() WHERE name = 'drift';
SELECT count(*) FROM migrate_drift();
SELECT object, problem FROM migrate_verify();
SELECT migrate_current();
-- Whatever is done about drift.
SELECT migrate_config('on_drift', 'ignore');
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT state FROM migrate_preflight() WHERE name = 'drift';
SELECT migrate_config('on_drift', 'error');
-- Nor where the header cannot be read, or is another record's.
INSERT INTO migrate_object (target, key, kind, identity, definition) VALUES ('', 'x', 'record', '', 'x');
SELECT migrate_apply();
SELECT state, detail, hint FROM migrate_preflight() WHERE name = 'drift';
UPDATE migrate_object SET definition = (SELECT migrate_fingerprint());
SELECT migrate_apply();
SELECT state, detail FROM migrate_preflight() WHERE name = 'drift';
-- Another project has the same record.
SELECT migrate_config('project', 'other');
SELECT migrate_add('1', 'CREATE TABLE others (id integer PRIMARY KEY)');
DELETE FROM migrate_object;
SELECT migrate_apply();
SELECT migrate_config('project', 'default');
-- Somebody looks at it, and says that it is right.
SELECT CASE WHEN migrate_accept() >= 0 THEN 'accepted' END;
SELECT state, detail FROM migrate_preflight() WHERE name = 'drift';
SELECT migrate_apply();
SELECT count(*) FROM migrate_verify();
