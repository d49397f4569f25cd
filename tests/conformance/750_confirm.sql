-- A protected environment: each run needs the setting confirm.
CREATE TABLE log (what text);
SELECT migrate_add('1', 'INSERT INTO log VALUES (''one'')', 'DELETE FROM log WHERE what = ''one''');
SELECT migrate_add('2', 'INSERT INTO log VALUES (''two'')', 'DELETE FROM log WHERE what = ''two''');
SELECT migrate_add('3', 'INSERT INTO log VALUES (''three'')', 'DELETE FROM log WHERE what = ''three''');
SELECT migrate_config('protected_environments');
SELECT migrate_config('environment', 'Production');
SELECT migrate_apply('1');
SELECT migrate_config('confirm', 'another');
SELECT migrate_apply('1');
SELECT count(*) FROM log;
SELECT migrate_current();
-- It is good for one run, and the history says who gave it.
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('1');
SELECT migrate_config('confirm');
SELECT migrate_apply('2');
SELECT what FROM log;
SELECT count(*) FROM migrate_history() WHERE action = 'confirm' AND outcome = 'ok' AND detail LIKE 'migrate_apply, confirmed by %';
-- A run with nothing to do needs none, and uses none up.
SELECT migrate_apply('1');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('1');
SELECT migrate_config('confirm');
-- The way back, and what writes records alone.
SELECT migrate_rollback();
SELECT migrate_rollback();
SELECT migrate_stamp('2');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_stamp('2');
SELECT migrate_stamp('2');
SELECT migrate_redo();
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_redo();
SELECT what FROM log;
-- To look is free.
SELECT count(*) FROM migrate_plan();
SELECT migrate_pending();
-- Other environments are not protected, until they are named.
SELECT migrate_config('environment', 'staging');
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT migrate_config('protected_environments', 'production, Staging');
SELECT migrate_apply();
SELECT migrate_config('protected_environments', '');
SELECT migrate_apply();
-- A version that is not there, and one that cannot be gone back from.
SELECT migrate_config('protected_environments', NULL);
SELECT migrate_config('environment', 'production');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('99');
SELECT migrate_config('confirm');
