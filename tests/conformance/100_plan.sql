-- What apply would run: every statement with its number and its line.
--@ m/1_first.sql
--| -- migrate:requires 2
--| -- migrate:up
--| CREATE TABLE one (id integer);
--|
--| -- said about the next
--| /* and; more */ INSERT INTO one VALUES (1); INSERT INTO one VALUES (2);
--| BEGIN;
--| INSERT INTO one
--|     VALUES (3);
--| COMMIT;
--| -- migrate:down
--| DROP TABLE one;
--| -- migrate:verify
--| SELECT count(*) = 3 FROM one;
--@ m/2_second.sql
--| CREATE TABLE two (id integer)
--@ m/3_empty.sql
--| -- migrate:up
--| -- nothing to do
--@ m/4_last.sql
--| DROP TABLE two
SELECT count(*) FROM migrate_plan();
SELECT migrate_load('@DIR@/m');
SELECT step, version, action, statement, line, sql,
       CASE WHEN transactional THEN 'yes' ELSE 'no' END, note
FROM migrate_plan() WHERE version <> '1' ORDER BY step, statement;
-- What required it waits behind; a comment before a statement is not it.
SELECT step, version, statement, line, note FROM migrate_plan()
WHERE version = '1' ORDER BY statement;
SELECT CASE WHEN sql LIKE '%VALUES (1)' THEN 'without its semicolon' END
FROM migrate_plan() WHERE version = '1' AND statement = 2;
-- Only as far as the target, and what is required on the way.
SELECT DISTINCT version FROM migrate_plan('2') ORDER BY version;
SELECT DISTINCT version FROM migrate_plan('+1') ORDER BY version;
SELECT count(*) FROM migrate_plan('9');
SELECT count(*) FROM migrate_plan('base');
SELECT count(*) FROM migrate_plan('-1');
SELECT count(*) FROM migrate_plan(NULL);
-- It has run nothing and written nothing.
CREATE TABLE one (id integer);
DROP TABLE one;
SELECT count(*) FROM migrate_history();
SELECT migrate_apply();
SELECT count(*) FROM one;
SELECT count(*) FROM migrate_plan();
