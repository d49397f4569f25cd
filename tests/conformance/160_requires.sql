-- Requirements: what is required is pulled forward, or stands in the way.
CREATE TABLE log (at integer, what text);
SELECT migrate_add('1', '-- migrate:requires 3
-- migrate:up
INSERT INTO log SELECT count(*), ''1'' FROM log');
SELECT migrate_add('2', 'INSERT INTO log SELECT count(*), ''2'' FROM log');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_apply();
SELECT migrate_apply('2');
SELECT count(*) FROM log;
SELECT migrate_add('3', '-- migrate:requires 4, 0005
INSERT INTO log SELECT count(*), ''3'' FROM log');
SELECT migrate_add('4', 'INSERT INTO log SELECT count(*), ''4'' FROM log');
SELECT migrate_add('5', 'INSERT INTO log SELECT count(*), ''5'' FROM log');
SELECT version, state, detail FROM migrate_status();
-- One step, and the three that it needs.
SELECT migrate_apply('1');
SELECT what FROM log ORDER BY at;
-- 2 now lies below what is applied, but only since that was pulled forward: it
-- is not out of order, else a run that stops here could not be taken up again.
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
SELECT what FROM log ORDER BY at;

-- Requirements that run in a circle, in texts and in files.
SELECT migrate_add('6', '-- migrate:requires 6
SELECT 6');
--@ circle/7_a.sql
--| -- migrate:up
--@ circle/8_b.sql
--| -- a remark
--| -- migrate:requires 7, 10
--| SELECT 8;
--@ circle/9_c.sql
--| -- migrate:requires 8
--@ circle/10_d.sql
--| -- migrate:requires 9
SELECT migrate_load('@DIR@/circle');
-- One that only shows in the database, since each load was well.
SELECT migrate_add('20', '-- migrate:requires 21
SELECT 20');
SELECT migrate_add('21', '-- migrate:requires 20
SELECT 21');
SELECT version, state, detail FROM migrate_status() WHERE version IN ('20', '21');
SELECT migrate_apply();
SELECT count(*) FROM migrate_plan();
-- Out of it by a new text.
SELECT migrate_add('21', 'SELECT 21');
SELECT migrate_apply();
-- Several lines, and what is no version.
SELECT migrate_add('30', '-- migrate:requires 20
-- migrate:requires 99
SELECT 30');
SELECT state, detail FROM migrate_status() WHERE version = '30';
SELECT migrate_add('31', '-- migrate:requires
SELECT 31');
SELECT migrate_add('31', '-- migrate:requires a"b
SELECT 31');
SELECT migrate_add('31', 'SELECT 31;
-- migrate:requires 1
SELECT 31');
