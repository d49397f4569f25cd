-- The last one once more: back, and forward again.
CREATE TABLE log (at integer, what text);
SELECT migrate_redo();
SELECT migrate_add('1', 'INSERT INTO log SELECT count(*), ''up 1'' FROM log',
                   'INSERT INTO log SELECT count(*), ''down 1'' FROM log');
SELECT migrate_add('2', 'INSERT INTO log SELECT count(*), ''up 2'' FROM log',
                   'INSERT INTO log SELECT count(*), ''down 2'' FROM log');
SELECT migrate_redo();
SELECT migrate_apply();
SELECT migrate_redo();
SELECT what FROM log ORDER BY at;
SELECT action, version, outcome FROM migrate_history()
WHERE action <> 'add' ORDER BY seq;
SELECT version, state FROM migrate_status();

-- A new text is what runs: the old way back, the new way forward.
SELECT migrate_add('2', 'INSERT INTO log SELECT count(*), ''new up 2'' FROM log',
                   'INSERT INTO log SELECT count(*), ''new down 2'' FROM log');
SELECT state FROM migrate_status() WHERE version = '2';
SELECT migrate_redo();
SELECT what FROM log WHERE at >= 4 ORDER BY at;
SELECT state FROM migrate_status() WHERE version = '2';

-- When the way forward fails, the way back has not happened either.
SELECT migrate_add('2', 'INSERT INTO log SELECT count(*), ''lost'' FROM log;
SELECT migrate_apply()', 'SELECT 1');
SELECT migrate_redo();
SELECT count(*) FROM log;
SELECT state FROM migrate_status() WHERE version = '2';
SELECT migrate_current();
