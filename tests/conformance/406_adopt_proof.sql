-- Whether the database is what the adopted migrations make.
--@ m/1_one.up.sql
--| CREATE TABLE one (id integer PRIMARY KEY, name text);
--@ m/1_one.down.sql
--| DROP TABLE one;
--@ m/2_two.up.sql
--| CREATE TABLE two (id integer);
--| CREATE INDEX two_id ON two (id);
--@ m/2_two.down.sql
--| DROP TABLE two;
--@ m/3_three.up.sql
--| INSERT INTO elsewhere VALUES (1);
SELECT migrate_load('@DIR@/m');
CREATE TABLE schema_migrations (version bigint NOT NULL, dirty boolean NOT NULL);
INSERT INTO schema_migrations VALUES (2, false);
CREATE TABLE one (id integer PRIMARY KEY, name text);
CREATE TABLE two (id integer);
CREATE INDEX two_id ON two (id);
-- All is as it should be; the other tool's table does not count.
SELECT recorded, version, state FROM migrate_adopt_report();
-- Somebody was here.
DROP INDEX two_id;
ALTER TABLE one ADD COLUMN more text;
CREATE TABLE mine (id integer);
SELECT history, version, state, replace(problem, 'public.', ''), hint
FROM migrate_adopt_report() WHERE recorded IS NULL;
SELECT migrate_config('adopt_strict', 'on');
SELECT migrate_adopt();
SELECT count(*) FROM migrate_history() WHERE action = 'adopt';
CREATE INDEX two_id ON two (id);
DROP TABLE one;
CREATE TABLE one (id integer PRIMARY KEY, name text);
DROP TABLE mine;
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
-- One that needs what an empty database does not have.
UPDATE schema_migrations SET version = 3;
SELECT version, state FROM migrate_adopt_report();
SELECT migrate_adopt();
SELECT migrate_config('adopt_strict', 'off');
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
