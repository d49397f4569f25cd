-- Behind an upgrade of the server, or of the way in which definitions are
-- written, the record is written anew: an event, and no drift.
SELECT migrate_add('1', 'CREATE TABLE one (id integer NOT NULL, name text); CREATE TABLE other (id integer)',
                   'DROP TABLE one');
SELECT migrate_add('2', 'CREATE INDEX one_name ON one (name)', 'DROP INDEX one_name');
SELECT migrate_apply();
-- As if another version had recorded it, which wrote definitions otherwise.
CREATE TEMP TABLE canon AS
    SELECT substr(f, 1, length(f) - 65) AS name FROM (SELECT migrate_fingerprint() AS f) AS now;
UPDATE migrate_object SET definition = replace(definition, (SELECT name FROM canon), 'older/0') WHERE kind = 'record';
UPDATE migrate_object SET definition = 'once ' || definition WHERE kind <> 'record';
UPDATE migrate_delta SET objects = replace(objects, (SELECT name FROM canon), 'older/0');
SELECT count(*) FROM migrate_object WHERE kind = 'record' AND definition LIKE 'older/0:%';
SELECT count(*) FROM migrate_delta WHERE objects LIKE 'older/0%';

-- Nobody has changed anything.
SELECT count(*) FROM migrate_drift();
SELECT count(*) FROM migrate_verify() WHERE kind = 'drift';
SELECT migrate_config('on_drift', 'error');
SELECT migrate_add('3', 'CREATE TABLE three (id integer)', 'DROP TABLE three');
SELECT migrate_apply();
SELECT action FROM migrate_history() WHERE action IN ('rebase', 'drift');
SELECT count(*) FROM migrate_history() WHERE action = 'rebase'
    AND detail LIKE '% objects, as they are written by ' || (SELECT name FROM canon) || '%';
SELECT count(*) FROM migrate_drift();
SELECT CASE WHEN migrate_fingerprint() = migrate_fingerprint('3') THEN 'as recorded' END;
SELECT count(*) FROM migrate_verify() WHERE kind IN ('drift', 'schema');
-- Once is enough, and what is changed from now on is drift again.
SELECT migrate_rollback();
SELECT count(*) FROM migrate_history() WHERE action = 'rebase';
CREATE TABLE hand (id integer);
SELECT kind, change FROM migrate_drift() WHERE kind <> 'owner';
DROP TABLE hand;

-- Ways back whose migrations were recorded before: what is left behind is told,
-- how a definition was written is not.
SELECT migrate_rollback();
SELECT count(*) FROM migrate_history() WHERE action = 'rollback' AND detail LIKE '%as it was before%';
SELECT migrate_rollback();
SELECT version FROM migrate_history() WHERE action = 'rollback' AND detail LIKE 'table %other is left behind';
SELECT count(*) FROM migrate_drift();

-- A rebase by migrate_accept().
UPDATE migrate_object SET definition = replace(definition, (SELECT name FROM canon), 'older/0') WHERE kind = 'record';
SELECT CASE WHEN migrate_accept() >= 0 THEN 'accepted' END;
SELECT count(*) FROM migrate_object WHERE kind = 'record' AND definition LIKE 'older/0:%';
SELECT count(*) FROM migrate_drift();
