-- A pending migration below an applied one.
CREATE TABLE log (what text);
SELECT migrate_add('2', 'INSERT INTO log VALUES (''two'')');
SELECT migrate_add('4', 'INSERT INTO log VALUES (''four'')');
SELECT migrate_apply();
SELECT migrate_add('1', 'INSERT INTO log VALUES (''one'')');
SELECT migrate_add('5', 'INSERT INTO log VALUES (''five'')');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
SELECT migrate_current();
SELECT migrate_apply();
SELECT migrate_apply('1');
SELECT count(*) FROM migrate_plan();
SELECT count(*) FROM log;
SELECT migrate_config('out_of_order', 'warn');
SELECT version, state FROM migrate_status();
SELECT count(*) FROM migrate_plan();
SELECT migrate_apply('1');
SELECT migrate_current();
SELECT migrate_add('3', 'INSERT INTO log VALUES (''three'')');
SELECT migrate_config('out_of_order', 'allow');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_apply();
SELECT migrate_current();
SELECT version, state FROM migrate_status();
SELECT version FROM migrate_history() WHERE action = 'apply' ORDER BY seq;

-- One that requires what lies above it is not out of order.
SELECT migrate_config('out_of_order', NULL);
SELECT migrate_add('4.5', '-- migrate:requires 5
INSERT INTO log VALUES (''late'')');
SELECT state FROM migrate_status() WHERE version = '4.5';
SELECT migrate_apply();
