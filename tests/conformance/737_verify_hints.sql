-- What migrate_verify() says helps does help: each hint is followed, and then
-- it has nothing more to tell.
--@ m/1_one.sql
--| -- migrate:up
--| CREATE TABLE one (id integer);
--| -- migrate:down
--| DROP TABLE one;
--@ m/2_two.sql
--| -- migrate:up
--| CREATE TABLE two (id integer);
--| -- migrate:down
--| DROP TABLE two;
--| -- migrate:verify
--| SELECT count(*) = 0 FROM two;
--@ m/3_three.sql
--| CREATE TABLE three (id integer);
SELECT migrate_load('@DIR@/m');
SELECT migrate_add('4', 'CREATE TABLE four (id integer)', 'DROP TABLE four', 'four');
SELECT migrate_apply();
SELECT count(*) FROM migrate_verify();
-- An event that was edited, and one that is gone: from a backup.
CREATE TEMPORARY TABLE kept AS SELECT * FROM migrate_event;
UPDATE migrate_event SET actor = 'x' WHERE seq = 2;
DELETE FROM migrate_event WHERE seq = 4;
SELECT * FROM migrate_verify() WHERE kind = 'history';
DELETE FROM migrate_event;
INSERT INTO migrate_event SELECT * FROM kept;
SELECT count(*) FROM migrate_verify();
-- A record that was edited: recorded anew.
UPDATE migrate_applied SET name = 'x' WHERE version = '2';
SELECT * FROM migrate_verify();
SELECT migrate_stamp('1'), migrate_stamp('4');
SELECT count(*) FROM migrate_verify();
UPDATE migrate_applied SET position = position || 'x' WHERE version = '4';
SELECT * FROM migrate_verify();
SELECT migrate_stamp('3'), migrate_stamp('4');
SELECT count(*) FROM migrate_verify();
-- One that is gone, the first one.
DELETE FROM migrate_applied WHERE version = '1';
SELECT * FROM migrate_verify();
SELECT migrate_stamp('base'), migrate_stamp('4');
SELECT count(*) FROM migrate_verify();
-- One that somebody has put in.
INSERT INTO migrate_applied
SELECT project, target, '7', position || '7', name, file, checksum, up, down, verify,
    ordinal, at, actor, duration_us, added_by FROM migrate_applied WHERE version = '4';
SELECT * FROM migrate_verify();
DELETE FROM migrate_applied WHERE version = '7';
SELECT count(*) FROM migrate_verify();
-- A migration that is gone though it is applied: loaded, or added, again.
DELETE FROM migrate_migration WHERE version IN ('2', '4');
SELECT * FROM migrate_verify();
SELECT migrate_load('@DIR@/m');
SELECT migrate_add('4', 'CREATE TABLE four (id integer)', 'DROP TABLE four', 'four');
SELECT count(*) FROM migrate_verify();
-- What a migration has changed of the schema.
SELECT migrate_rollback('3'), migrate_apply();
SELECT count(*) FROM migrate_verify();
DELETE FROM migrate_delta WHERE version = '4';
SELECT * FROM migrate_verify();
SELECT migrate_stamp('3'), migrate_stamp('4');
SELECT count(*) FROM migrate_verify();
SELECT migrate_rollback('3'), migrate_apply();
UPDATE migrate_delta SET objects = 'x' WHERE version = '4';
SELECT * FROM migrate_verify();
SELECT migrate_stamp('3'), migrate_stamp('4');
SELECT count(*) FROM migrate_verify();
-- A text that was edited, of a directory and of migrate_add().
UPDATE migrate_text SET body = substr(body, 1, length(body) - 1)
WHERE hash IN (SELECT substr(up, 1, 64) FROM migrate_migration WHERE version IN ('3', '4'));
SELECT kind, version, problem, hint FROM migrate_verify() WHERE version IS NULL;
DELETE FROM migrate_text
WHERE hash IN (SELECT substr(up, 1, 64) FROM migrate_migration WHERE version IN ('3', '4'));
SELECT * FROM migrate_verify();
-- An application that starts does not look for it; the other two do.
SELECT migrate_up('@DIR@/m');
SELECT count(*) FROM migrate_verify();
SELECT migrate_load('@DIR@/m');
SELECT version, count(*) FROM migrate_verify() GROUP BY version;
SELECT migrate_add('4', 'CREATE TABLE four (id integer)', 'DROP TABLE four', 'four');
SELECT count(*) FROM migrate_verify();
SELECT action, detail FROM migrate_history() ORDER BY seq DESC LIMIT 2;
-- With nothing damaged a load writes nothing.
SELECT migrate_load('@DIR@/m');
SELECT migrate_add('4', 'CREATE TABLE four (id integer)', 'DROP TABLE four', 'four');
SELECT action, detail FROM migrate_history() ORDER BY seq DESC LIMIT 2;
-- Where the sections of a migration lie.
UPDATE migrate_migration SET up = replace(up, ':0:', ':1:') WHERE version = '3';
UPDATE migrate_migration SET down = 'x', verify = up WHERE version = '2';
UPDATE migrate_migration SET down = 'x' WHERE version = '4';
SELECT * FROM migrate_verify();
SELECT migrate_load('@DIR@/m');
SELECT migrate_add('4', 'CREATE TABLE four (id integer)', 'DROP TABLE four', 'four');
SELECT count(*) FROM migrate_verify();
-- What nothing holds of a migration that is applied: its name, and what its header
-- asks for.  Loading compares them with the file.
UPDATE migrate_migration SET name = 'x', options = 'rerun:always
' WHERE version = '2';
SELECT count(*) FROM migrate_verify();
SELECT migrate_load('@DIR@/m');
SELECT name, options FROM migrate_migration WHERE version = '2';
SELECT action, detail FROM migrate_history() ORDER BY seq DESC LIMIT 1;
-- A changed file: put back, or taken as it is.
--! cp -r @DIR@/m @DIR@/n; echo 'SELECT 1;' >> @DIR@/n/3_three.sql
SELECT migrate_load('@DIR@/n');
SELECT * FROM migrate_verify();
SELECT migrate_load('@DIR@/m');
SELECT count(*) FROM migrate_verify();
SELECT migrate_load('@DIR@/n');
SELECT migrate_accept('3');
SELECT count(*) FROM migrate_verify();
-- A missing one: put back, or said to be deleted.
--! rm @DIR@/n/2_two.sql
SELECT migrate_load('@DIR@/n');
SELECT * FROM migrate_verify();
--! cp @DIR@/m/2_two.sql @DIR@/n
SELECT migrate_load('@DIR@/n');
SELECT count(*) FROM migrate_verify();
--! rm @DIR@/n/2_two.sql
SELECT migrate_load('@DIR@/n');
SELECT migrate_repair('2');
SELECT count(*) FROM migrate_verify();
-- The schema: changed by another hand, and a record that was edited.
CREATE TABLE hand (id integer);
SELECT kind, problem, hint FROM migrate_verify();
DROP TABLE hand;
SELECT count(*) FROM migrate_verify();
CREATE TABLE hand (id integer);
SELECT migrate_accept();
SELECT count(*) FROM migrate_verify();
UPDATE migrate_object SET definition = definition || ' ' WHERE kind = 'table' AND identity LIKE '%one';
SELECT * FROM migrate_verify() WHERE kind = 'schema';
SELECT migrate_accept();
SELECT count(*) FROM migrate_verify();
DELETE FROM migrate_object;
SELECT * FROM migrate_verify();
SELECT migrate_accept();
SELECT count(*) FROM migrate_verify();
-- A verify section that does not hold.
INSERT INTO two VALUES (1);
SELECT * FROM migrate_verify();
SELECT count(*) FROM migrate_show('2') WHERE section = 'verify';
DELETE FROM two;
SELECT count(*) FROM migrate_verify();
-- Settings.
INSERT INTO migrate_setting (name, value, set_by) VALUES ('on_changed', 'maybe', 'x');
INSERT INTO migrate_setting (name, value, set_by) VALUES ('nonsense', 'x', 'x');
SELECT * FROM migrate_verify() ORDER BY object;
SELECT migrate_config('on_changed', NULL);
DELETE FROM migrate_setting WHERE name = 'nonsense';
SELECT count(*) FROM migrate_verify();
-- What others have put on the tables.
CREATE INDEX mine ON migrate_event (at);
SELECT kind, object, problem, substr(hint, 1, 74) FROM migrate_verify();
DROP INDEX mine;
SELECT count(*) FROM migrate_verify();
