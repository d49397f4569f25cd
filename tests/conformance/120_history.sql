-- Every event ever, oldest first, and who was there.
--@ a/1_one.sql
--| SELECT 1;
--@ a/2_two.sql
--| -- migrate:up
--| SELECT 2;
--| -- migrate:down
--| SELECT 2;
SELECT migrate_load('@DIR@/a');
SELECT migrate_load('@DIR@/a');
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT migrate_add('3', 'SELECT 3', NULL, 'three');
SELECT migrate_config('environment', 'test');
SELECT migrate_redo();
SELECT seq, action, version, name, outcome FROM migrate_history();
SELECT detail FROM migrate_history() WHERE seq = 1;
SELECT count(*) FROM migrate_history()
WHERE at IS NOT NULL AND actor <> '' AND client <> '';
SELECT count(*) FROM migrate_history() WHERE duration_ms >= 0;
SELECT action, count(*) FROM migrate_history() WHERE length(checksum) = 64
GROUP BY action ORDER BY action;
-- Each row holds the hash of the one before.
SELECT count(*) FROM migrate_event WHERE length(hash) = 64;
SELECT count(*) FROM migrate_event a
JOIN migrate_event b ON b.seq = a.seq + 1 AND b.previous_hash = a.hash;
SELECT seq FROM migrate_event WHERE previous_hash IS NULL;
SELECT count(DISTINCT hash) FROM migrate_event;
