-- The record belongs to the target: projects of one database share it.
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT migrate_apply();
SELECT migrate_config('project', 'other');
SELECT migrate_add('1', 'CREATE TABLE other (id integer)', 'DROP TABLE other');
SELECT migrate_apply();
SELECT count(*) FROM migrate_drift();
SELECT migrate_config('project', NULL);
SELECT count(*) FROM migrate_drift();
SELECT migrate_rollback();
SELECT count(*) FROM migrate_drift();

-- The same drift is noted once, by whoever meets it first;
CREATE TABLE hand (id integer);
SELECT migrate_apply();
SELECT count(*) FROM migrate_history() WHERE action = 'drift';
SELECT migrate_config('project', 'other');
SELECT migrate_rollback();
SELECT count(*) FROM migrate_history() WHERE action = 'drift';
-- and again when it was accepted, by whomever, and has come again.
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;
DROP TABLE hand;
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;
SELECT migrate_config('project', NULL);
CREATE TABLE hand (id integer);
SELECT migrate_add('2', 'CREATE TABLE two (id integer)');
SELECT migrate_apply();
SELECT count(*) FROM migrate_history() WHERE action = 'drift';
SELECT kind, change FROM migrate_drift();
SELECT count(*) FROM migrate_verify() WHERE kind = 'schema';

-- What one project has made and another has changed is changed by a migration.
SELECT migrate_config('on_drift', 'ignore');
SELECT migrate_config('project', 'other');
SELECT migrate_add('2', 'ALTER TABLE two ADD COLUMN more integer');
SELECT migrate_apply();
SELECT kind, change FROM migrate_drift();
SELECT count(*) FROM migrate_verify() WHERE kind = 'schema';
