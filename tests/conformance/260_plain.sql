-- Plain numbered scripts: no marks at all, no way back.
--@ m/001_init.sql
--| BEGIN TRANSACTION;
--| CREATE TABLE one (id integer);
--| INSERT INTO one VALUES (1);
--| END;
--@ m/002.sql
--| INSERT INTO one VALUES (2)
--@ m/003_a-b c.sql
--| INSERT INTO one VALUES (3);
--@ m/1.2.3_dots.sql
--| CREATE TABLE dots (id integer);
SELECT migrate_up('@DIR@/m');
SELECT version, name, state, CASE WHEN reversible THEN 'yes' ELSE 'no' END
FROM migrate_status();
SELECT id FROM one ORDER BY id;
SELECT migrate_rollback();
