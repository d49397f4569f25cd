-- node-pg-migrate's files: times, marks, programs, and what is wrong.
--@ ok/1391877300255_table.sql
--| -- Up Migration
--| CREATE TABLE log (what text);
--| -- Down Migration
--| DROP TABLE log;
--@ ok/20140208163500256_row.sql
--| -- Down Migration
--| INSERT INTO log VALUES ('down');
--| -- Up Migration
--| INSERT INTO log VALUES ('up');
--@ ok/1391877300257_plain.sql
--| INSERT INTO log VALUES ('plain');
--@ ok/0001_first.sql
--| SELECT 1;
SELECT migrate_up('@DIR@/ok');
SELECT version, state, CASE WHEN reversible THEN 'yes' ELSE 'no' END
FROM migrate_status();
SELECT what FROM log;
SELECT migrate_stamp('20140208163500256_row');
SELECT migrate_rollback();
SELECT what FROM log;
SELECT migrate_config('project', 'wrong');

-- Times: leap years and their neighbours, and what is none.
--@ times/20000229235959999_b.sql
--| SELECT 1;
--@ times/951868799998_a.sql
--| SELECT 1;
--@ times/951868800000_c.sql
--| -- Up Migration
--| SELECT 1;
--@ times/20991231235959999_e.sql
--| SELECT 1;
--@ times/4102444799998_d.sql
--| SELECT 1;
--@ times/20210301000000000_h.sql
--| SELECT 1;
--@ times/1614556799999_g.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/times');
SELECT version FROM migrate_status();
SELECT migrate_config('project', 'worse');
--@ no_time/20211301000000000_a.sql
--| -- Up Migration
SELECT migrate_load('@DIR@/no_time');

--@ programs/1_a.sql
--| -- Up Migration
--| SELECT 1;
--@ programs/2_b.js
--@ programs/3_c.ts
--@ programs/readme.js
SELECT migrate_load('@DIR@/programs');
SELECT migrate_config('skip_foreign', 'on');
SELECT migrate_load('@DIR@/programs');

--@ w/1_a.sql
--| CREATE TABLE t (id int);
--| -- Down Migration
--| DROP TABLE t;
SELECT migrate_load('@DIR@/w');

-- A sentence in another tool's file is no mark.
--@ other/1_a.sql
--| -- Down migration of the old table is not possible.
--| SELECT 1;
SELECT migrate_load('@DIR@/other');
SELECT count(*) FROM migrate_status() WHERE version = '1';
