-- What a run depends on, listed.
CREATE TABLE log (what text);
SELECT name, state, detail FROM migrate_preflight() WHERE name IN ('pending migrations', 'destructive statements', 'confirmation');
SELECT migrate_add('1', 'INSERT INTO log VALUES (''one''); INSERT INTO log VALUES (''two'')');
SELECT migrate_add('2', 'SAVEPOINT a; ROLLBACK;');
SELECT name, state, detail FROM migrate_preflight('1') WHERE name IN ('pending migrations', 'destructive statements', 'confirmation');
SELECT name, state FROM migrate_preflight() WHERE name = 'pending migrations' AND detail LIKE '2 migrations, 4 statements; % cannot run here: 2 line 1: %';
SELECT migrate_config('environment', 'production');
SELECT name, state, detail FROM migrate_preflight('1') WHERE name = 'confirmation';
SELECT migrate_config('confirm', '@DATABASE@');
SELECT name, state, detail FROM migrate_preflight('1') WHERE name = 'confirmation';
-- It changes nothing, and a target that is none is found out.
SELECT migrate_config('confirm');
SELECT name, state, detail FROM migrate_preflight('9') WHERE name = 'pending migrations';
SELECT count(*) FROM log;
SELECT migrate_config('preflight', 'sometimes');
SELECT migrate_config('min_free_disk', 'much');
SELECT migrate_config('environment', 'test');
SELECT migrate_apply('1');
