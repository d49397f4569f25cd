-- One migration that may be applied below others, whatever the setting says.
CREATE TABLE log (what text);
SELECT migrate_add('5', 'INSERT INTO log VALUES (''five'')');
SELECT migrate_apply();
SELECT migrate_add('2', '-- migrate:out-of-order
-- A correction for those who stay at 2.
INSERT INTO log VALUES (''two'')');
SELECT migrate_add('3', 'INSERT INTO log VALUES (''three'')');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_apply();
SELECT migrate_apply('2');
SELECT migrate_config('out_of_order', 'error');
SELECT migrate_add('1', '--migrate:out-of-order
-- migrate:up
INSERT INTO log VALUES (''one'')');
SELECT migrate_apply('1');
SELECT version, state, detail FROM migrate_status();
SELECT what FROM log ORDER BY what;
SELECT migrate_add('1.1', '-- migrate:out-of-order please
SELECT 1');
SELECT migrate_add('1.1', 'SELECT 1;
-- migrate:out-of-order');
