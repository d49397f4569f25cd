-- Whether the end of the history is as it was written, before a run.
SELECT state, detail FROM migrate_preflight() WHERE name = 'history';
SELECT migrate_add('1', 'SELECT 1', 'SELECT 2');
SELECT state, detail FROM migrate_preflight() WHERE name = 'history';
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT state, detail FROM migrate_preflight() WHERE name = 'history';
UPDATE migrate_event SET outcome = 'done' WHERE action = 'rollback';
SELECT state, detail FROM migrate_preflight() WHERE name = 'history';
SELECT hint FROM migrate_preflight() WHERE name = 'history';
UPDATE migrate_event SET outcome = 'ok' WHERE action = 'rollback';
SELECT count(*) FROM migrate_verify() WHERE kind = 'history';
DELETE FROM migrate_event WHERE action = 'apply';
SELECT state FROM migrate_preflight() WHERE name = 'history';
DELETE FROM migrate_event;
SELECT state, detail FROM migrate_preflight() WHERE name = 'history';
