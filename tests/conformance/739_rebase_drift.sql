-- What was there before a record is written anew stays drift, as far as it is
-- told by names: what another hand has added or removed as a whole.
SELECT migrate_add('1', 'CREATE TABLE mine (id integer PRIMARY KEY, note text); CREATE TABLE lost (id integer PRIMARY KEY, note text); CREATE INDEX lost_note ON lost (note); CREATE INDEX mine_note ON mine (note); CREATE VIEW seen AS SELECT id FROM mine');
SELECT migrate_add('2', 'CREATE TABLE more (id integer PRIMARY KEY)', 'DROP TABLE more');
SELECT migrate_apply('1');
CREATE TEMP TABLE canon AS
    SELECT substr(f, 1, length(f) - 65) AS name FROM (SELECT migrate_fingerprint() AS f) AS now;
UPDATE migrate_object SET definition = replace(definition, (SELECT name FROM canon), 'older/0') WHERE kind = 'record';
UPDATE migrate_object SET definition = 'once ' || definition WHERE kind <> 'record';
-- As another version may: it lists what the older one did not.
DELETE FROM migrate_object WHERE kind IN ('constraint', 'column') AND (identity LIKE '%note' OR identity LIKE '%key');
SELECT state FROM migrate_preflight() WHERE name = 'drift';
-- By hand.  A column is a part of a table that both have.
CREATE TABLE hand (id integer PRIMARY KEY, note text);
CREATE INDEX by_hand ON mine (id);
ALTER TABLE mine ADD COLUMN extra text;
DROP TABLE lost;
DROP INDEX mine_note;
SELECT kind, replace(object, 'public.', ''), change FROM migrate_drift();
SELECT replace(object, 'public.', ''), problem FROM migrate_verify() WHERE kind = 'drift';
SELECT state, replace(replace(detail, 'public.', ''), (SELECT name FROM canon), 'this') FROM migrate_preflight() WHERE name = 'drift';
SELECT migrate_config('on_drift', 'error');
SELECT state FROM migrate_preflight() WHERE name = 'drift';
SELECT CASE WHEN count(*) = 0 THEN 'not yet' END FROM migrate_history() WHERE action = 'rebase';
SELECT count(*) FROM migrate_object WHERE kind = 'record' AND definition LIKE 'older/0:%';
SELECT migrate_config('on_drift', 'warn');
SELECT migrate_apply();
SELECT action, replace(detail, 'public.', '') FROM migrate_history() WHERE action = 'drift';
SELECT count(*) FROM migrate_history() WHERE action = 'rebase';
-- It is what it was, with its texts.
SELECT kind, replace(object, 'public.', ''), change FROM migrate_drift();
SELECT count(*) FROM migrate_object WHERE identity LIKE '%hand%';
SELECT count(*) FROM migrate_object WHERE identity LIKE '%lost%' AND kind IN ('table', 'index') AND definition LIKE 'once %';
SELECT count(*) FROM migrate_verify() WHERE kind <> 'drift';
-- And is no more once it is changed back.
SELECT migrate_rollback();
DROP TABLE hand;
DROP INDEX by_hand;
SELECT kind, replace(object, 'public.', ''), change FROM migrate_drift();
SELECT CASE WHEN migrate_accept() >= 0 THEN 'accepted' END;
SELECT count(*) FROM migrate_object WHERE identity LIKE '%lost%';
SELECT count(*) FROM migrate_drift();
SELECT count(*) FROM migrate_verify();
