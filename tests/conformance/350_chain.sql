-- The history is a chain: each row holds the hash of the one before.
SELECT migrate_add('1', 'SELECT 1', 'SELECT -1', 'one');
SELECT migrate_add('2', 'SELECT 2', 'SELECT -2', 'two');
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT migrate_redo();
SELECT migrate_stamp('base');
SELECT migrate_stamp('head');
SELECT migrate_config('environment', 'test');
SELECT migrate_config('environment', NULL);
SELECT seq, action, version FROM migrate_event ORDER BY seq;
SELECT count(*) FROM migrate_event WHERE length(hash) <> 64;
SELECT seq FROM migrate_event WHERE previous_hash IS NULL;
SELECT count(*) FROM migrate_event a
JOIN migrate_event b ON b.seq = a.seq + 1 AND b.previous_hash = a.hash;
SELECT count(DISTINCT hash) FROM migrate_event;
-- Who is applied can be told from the history alone.
SELECT version, ordinal FROM migrate_applied ORDER BY ordinal;
-- The event that makes a record has its hash, which people are not shown.
SELECT seq FROM migrate_event WHERE detail LIKE '%record: %' ORDER BY seq;
SELECT count(*) FROM migrate_history() WHERE detail LIKE '%record: %';
