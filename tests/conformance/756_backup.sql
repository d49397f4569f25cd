-- The setting require_backup, and what satisfies it.
CREATE TABLE log (what text);
SELECT migrate_add('1', 'INSERT INTO log VALUES (''one'')', 'DELETE FROM log');
SELECT migrate_config('require_backup', '24h');
SELECT migrate_config('require_backup', '24');
SELECT name, state FROM migrate_preflight() WHERE name = 'backup';
SELECT migrate_apply();
SELECT count(*) FROM log;
SELECT migrate_record_backup(NULL);
SELECT migrate_record_backup('  ');
SELECT migrate_record_backup('two
lines');
SELECT migrate_record_backup('nightly.tar of host one');
SELECT action, outcome, detail FROM migrate_history() WHERE action = 'backup';
SELECT name, state, detail FROM migrate_preflight() WHERE name = 'backup';
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT count(*) FROM log;
SELECT migrate_config('require_backup', NULL);
SELECT migrate_add('2', 'SELECT migrate_record_backup(''x'')');
SELECT migrate_apply('2');
