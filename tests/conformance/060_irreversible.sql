-- A rollback that cannot go all the way is refused before it begins.
CREATE TABLE log (what text);
SELECT migrate_add('1', 'INSERT INTO log VALUES (''up 1'')',
                   'INSERT INTO log VALUES (''down 1'')');
SELECT migrate_add('2', 'INSERT INTO log VALUES (''up 2'')');
SELECT migrate_add('3', 'INSERT INTO log VALUES (''up 3'')',
                   'INSERT INTO log VALUES (''down 3'')');
SELECT migrate_apply();
SELECT migrate_rollback('base');
SELECT migrate_rollback('1');
SELECT migrate_rollback('-2');
SELECT migrate_rollback('-3');
SELECT count(*) FROM log;
SELECT migrate_current();
SELECT count(*) FROM migrate_history() WHERE action = 'rollback';

-- As far as it can, it goes.
SELECT migrate_rollback('2');
SELECT migrate_rollback();
SELECT migrate_redo();
SELECT migrate_current();
SELECT what FROM log ORDER BY what;

-- A way back that comes later does not count: what was stored at the time
-- does, and there was none.
SELECT migrate_add('2', 'INSERT INTO log VALUES (''up 2'')',
                   'INSERT INTO log VALUES (''down 2'')');
SELECT migrate_rollback();
