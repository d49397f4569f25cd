-- Verify sections: what is not true undoes the migration.
--@ m/1_good.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('one'), ('one');
--| -- migrate:verify
--| SELECT count(*) = 2 FROM log;
--| SELECT 1 = 1;
--| SELECT what = 'one' FROM log;
--| SELECT 1 = 2 WHERE 1 = 2;
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/m');
SELECT count(*) FROM log;
-- The second of two is false, in its second line.
SELECT migrate_add('2', '-- migrate:up
INSERT INTO log VALUES (''two'');
-- migrate:verify
SELECT count(*) = 3 FROM log;

SELECT count(*) = 2
FROM log;');
SELECT migrate_apply();
SELECT count(*) FROM log;
SELECT CASE WHEN state IN ('failed', 'pending') THEN 'to do' ELSE state END
FROM migrate_status() WHERE version = '2';
SELECT migrate_current();
-- One row that is not true among others; NULL is not true.
SELECT migrate_add('2', '-- migrate:up
-- migrate:verify
SELECT what = ''one'' FROM (SELECT what FROM log UNION SELECT ''x'') AS l ORDER BY what');
SELECT migrate_apply();
SELECT migrate_add('2', '-- migrate:up
-- migrate:verify
SELECT NULL = 1');
SELECT migrate_apply();
-- Only queries, and only such as change nothing.
SELECT migrate_add('2', '-- migrate:up
-- migrate:verify
INSERT INTO log VALUES (''verified'')');
SELECT migrate_apply();
SELECT migrate_add('2', '-- migrate:up
-- migrate:verify
SELECT 1 = 1; BEGIN;');
SELECT migrate_apply();
SELECT migrate_add('2', '-- migrate:up
-- migrate:verify
SELECT migrate_add(''9'', ''SELECT 9'') = 1');
SELECT migrate_apply();
SELECT count(*) FROM migrate_status() WHERE version = '9';
SELECT count(*) FROM log;
-- It is not run on the way back.
SELECT migrate_add('2', '-- migrate:up
INSERT INTO log VALUES (''two'');
-- migrate:down
DELETE FROM log;
-- migrate:verify
SELECT count(*) > 0 FROM log');
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT count(*) FROM log;
