-- The native format with all its marks, and dbmate's spelling of them.
--@ m/1_all.sql
--| -- A remark.
--|
--| -- migrate:env development
--| -- migrate:up transaction:true
--| INSERT INTO log VALUES ('1 up');
--|
--| -- migrate:down
--| INSERT INTO log VALUES ('1 down');
--| -- migrate:verify
--| SELECT 1 = 1;
--@ m/20240102030405-dashed.sql
--| --migrate:up
--| INSERT INTO log VALUES ('dashed up');
--| --   migrate:down
--| INSERT INTO log VALUES ('dashed down');
--@ m/2_twice.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('2 up a');
--| -- migrate:down
--| INSERT INTO log VALUES ('2 down a');
--| -- migrate:up
--| INSERT INTO log VALUES ('2 up b');
--| -- migrate:down
--| INSERT INTO log VALUES ('2 down b');
--@ m/3_long_name_of_words.sql
--| -- migrate:up
--| -- migrate:down
--@ m/4.sql
--| INSERT INTO log VALUES ('4 up');
--@ m/5_string.sql
--| INSERT INTO log VALUES ('5; -- no comment');
--| /* ; -- */ INSERT INTO log VALUES ('5 b');;
--| ;
--@ m/README.md
--| No migration.
--@ m/.hidden.sql
--| No migration either.
--@ m/notes.sql
--| Passed over: no version stands before the name.
CREATE TABLE log (what text);
SELECT migrate_load('@DIR@/m');
SELECT version, name, state, CASE WHEN reversible THEN 'yes' ELSE 'no' END
FROM migrate_status();
SELECT migrate_apply();
SELECT what FROM log ORDER BY what;
DELETE FROM log;
SELECT migrate_rollback();
SELECT migrate_stamp('base');
SELECT migrate_stamp('2');
SELECT migrate_rollback('base');
SELECT what FROM log ORDER BY what;

-- One file by its name.
SELECT migrate_load('@DIR@/m/4.sql');
SELECT migrate_load('@DIR@/m/notes.sql');
SELECT migrate_load('@DIR@/m/README.md');
SELECT migrate_load('@DIR@/m/6_missing.sql');
--@ n/6_six.sql
--| INSERT INTO log VALUES ('six');
SELECT migrate_load('@DIR@/n/6_six.sql');
SELECT migrate_load('@DIR@/n/');
SELECT count(*) FROM migrate_status();
