-- Record as applied without running, and as not applied.
CREATE TABLE log (what text);
SELECT migrate_stamp('1');
SELECT migrate_add('1', 'INSERT INTO log VALUES (''up 1'')',
                   'INSERT INTO log VALUES (''down 1'')');
SELECT migrate_add('2', 'INSERT INTO log VALUES (''up 2'')',
                   'INSERT INTO log VALUES (''down 2'')');
SELECT migrate_add('3', 'INSERT INTO log VALUES (''up 3'')',
                   'INSERT INTO log VALUES (''down 3'')');
SELECT migrate_stamp('9');
SELECT migrate_stamp('');
SELECT migrate_stamp('2');
SELECT version, state FROM migrate_status();
SELECT migrate_stamp('2');
SELECT migrate_apply();
SELECT what FROM log;
-- What was stamped can be rolled back by its text.
SELECT migrate_rollback('1');
SELECT what FROM log ORDER BY what;
SELECT migrate_stamp('head');
SELECT version, state FROM migrate_status();
SELECT migrate_stamp('base');
SELECT version, state FROM migrate_status();
SELECT migrate_current();
SELECT migrate_stamp('base');
SELECT count(*) FROM log;
SELECT seq, action, version, outcome FROM migrate_history()
WHERE action <> 'add' ORDER BY seq;

-- A version declares where the database is, so it also goes back.
SELECT migrate_stamp('head');
SELECT migrate_stamp('1');
SELECT version, state FROM migrate_status();
SELECT migrate_current();
SELECT migrate_stamp('1');
SELECT action, version FROM migrate_history() WHERE seq > 13 ORDER BY seq;
SELECT count(*) FROM log;
