-- MyBatis Migrations: ids, delimiters, and what is wrong.
--@ ok/scripts/001_create_log.sql
--| -- // Create log
--| // a comment
--| CREATE TABLE log (what text);
--|
--| -- //@UNDO
--| DROP TABLE log;
--@ ok/scripts/002_more.sql
--| -- @DELIMITER |
--| INSERT INTO log
--|   // with a comment
--|   VALUES ('one')
--| |
--| -- nothing but a comment
--| INSERT INTO log VALUES ('two; three') | not this
--| // @delimiter GO
--| INSERT INTO log VALUES ('four')
--| GO
--| -- //@DELIMITER ;
--| INSERT INTO log VALUES ('${word} ${words}');
--| // the end
--| //  //@UNDO
--| INSERT INTO log VALUES ('back'); -- | is none here
--| // the end
--@ ok/scripts/bootstrap.sql
--| SELECT this is not run;
--@ ok/environments/development.properties
--| driver=none
SELECT migrate_config('var.word', 'five');
SELECT migrate_up('@DIR@/ok');
SELECT version, name, state FROM migrate_status();
SELECT what FROM log;
SELECT migrate_rollback('1');
SELECT what FROM log WHERE what = 'back';
SELECT migrate_load('@DIR@/ok/scripts');
SELECT migrate_config('project', 'wrong');
SELECT migrate_config('format', 'mybatis');

--@ decimal/1.9_a.sql
--| SELECT 1;
--@ decimal/1.10_b.sql
--| SELECT 1;
--@ decimal/01.5_c.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/decimal');
SELECT version FROM migrate_status();
--@ same/1.5_a.sql
--| SELECT 1;
--@ same/1.50_b.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/same');
--@ word/a_b.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/word');
--! mkdir @DIR@/w
--! printf '%s\n' '-- @DELIMITER |' 'SELECT 1' '|' 'SELECT 2' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- @DELIMITER 01234567890123456789012345678901234567890' 'SELECT 1' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
