-- yoyo's files: dependencies, programs, and what is wrong.
--@ ok/a.sql
--| -- A table.
--| -- depends: z
--| INSERT INTO log VALUES ('a');
--@ ok/a.rollback.sql
--| INSERT INTO log VALUES ('back a');
--@ ok/b.sql
--| INSERT INTO log VALUES ('b');
--@ ok/c.sql
--| -- depends: a
--| INSERT INTO log VALUES ('c');
--@ ok/z.sql
--| -- depends: b0
--| INSERT INTO log VALUES ('z');
--@ ok/b0.sql
--| SELECT 1;
--@ ok/post-apply.sql
--| SELECT this is not run;
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/ok');
SELECT version FROM migrate_status();
SELECT what FROM log;
SELECT migrate_rollback();
SELECT migrate_stamp('a');
SELECT migrate_rollback();
SELECT what FROM log WHERE what = 'back a';

-- Another one before all others is nothing special.
--! echo "INSERT INTO log VALUES ('0');" > @DIR@/ok/0.sql
SELECT migrate_up('@DIR@/ok', '0');
SELECT version, state FROM migrate_status();
-- Places may be exchanged.
--! echo "-- depends: z" > @DIR@/ok/b.sql; echo "INSERT INTO log VALUES ('b');" >> @DIR@/ok/b.sql
SELECT migrate_load('@DIR@/ok');
SELECT version, state FROM migrate_status();
SELECT migrate_config('project', 'wrong');

--@ unknown/a.sql
--| -- depends: b
--| SELECT 1;
SELECT migrate_load('@DIR@/unknown');
--@ circle/a.sql
--| -- depends: b
--| SELECT 1;
--@ circle/b.sql
--| -- depends: a
--| SELECT 1;
SELECT migrate_load('@DIR@/circle');
--@ itself/a.sql
--| -- depends: a
--| SELECT 1;
SELECT migrate_load('@DIR@/itself');
--@ alone/a.rollback.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/alone');
--@ transactional/a.sql
--|
--| -- transactional: no
--| SELECT 1;
SELECT migrate_load('@DIR@/transactional');
--@ comma/a.sql
--| -- depends: b, c
--| SELECT 1;
SELECT migrate_load('@DIR@/comma');
--@ programs/a.sql
--| -- depends: b
--| SELECT 1;
--@ programs/b.py
--@ programs/__init__.py
SELECT migrate_load('@DIR@/programs');
SELECT migrate_config('skip_foreign', 'on');
SELECT migrate_up('@DIR@/programs');
