-- A record that is not what was written is refused until it is accepted anew.
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT migrate_apply();
SELECT migrate_add('2', 'CREATE TABLE two (id integer)', 'DROP TABLE two');
UPDATE migrate_object SET definition = 'nothing' WHERE kind = 'record';
SELECT migrate_apply();
SELECT count(*) FROM migrate_drift();
SELECT migrate_current();
SELECT migrate_accept();
SELECT migrate_apply();
UPDATE migrate_object SET definition = definition || ' ' WHERE kind = 'column';
SELECT migrate_rollback();
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;
SELECT migrate_rollback();
DELETE FROM migrate_object WHERE kind = 'column';
SELECT migrate_rollback();
SELECT CASE WHEN migrate_accept() > 0 THEN 'accepted' END;
SELECT count(*) FROM migrate_verify();
-- Where nothing is recorded any more it is, too.
DELETE FROM migrate_object;
SELECT count(*) FROM migrate_drift();
SELECT migrate_apply();
SELECT CASE WHEN migrate_accept() >= 0 THEN 'accepted' END;
SELECT migrate_apply();
SELECT count(*) FROM migrate_drift();
SELECT count(*) FROM migrate_history() WHERE action = 'record';
-- Changes of a migration that cannot be read stand in the way of going back.
UPDATE migrate_delta SET objects = 'sqlite/1
5:table' WHERE version = '2';
SELECT migrate_rollback();
SELECT migrate_current();
SELECT migrate_config('on_forgotten', 'ignore');
SELECT migrate_rollback();
SELECT count(*) FROM migrate_delta WHERE version = '2';
