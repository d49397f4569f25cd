-- Statements that destroy rows: told by the plan, refused where protected.
--@ m/01_drop_table.sql
--| DROP TABLE a;
--@ m/02_drop_column.sql
--| ALTER TABLE b DROP COLUMN second;
--@ m/03_delete.sql
--| -- three of them
--| INSERT INTO c VALUES (3);
--| DELETE FROM c;
--@ m/04_update.sql
--| UPDATE d SET first = 2;
--@ m/05_with.sql
--| WITH x AS (SELECT 1 AS first) DELETE FROM e WHERE 1 = 1;
--@ m/06_fine.sql
--| DELETE FROM f WHERE first = 1;
--| UPDATE f SET first = 2 WHERE first > (SELECT min(first) FROM f);
--| DELETE FROM empty;
--| DROP TABLE empty;
--| CREATE TABLE passing (first int, second int);
--| DROP TABLE passing;
--| CREATE TEMPORARY TABLE gone (first int);
--| INSERT INTO gone VALUES (1);
--| DROP TABLE gone;
--| INSERT INTO f SELECT first FROM d;
--@ n/01_marked.sql
--| -- What this does is meant.
--| -- migrate:destructive
--| -- migrate:up
--| DROP TABLE a;
--| DELETE FROM c;
--| -- migrate:down
--| DELETE FROM b;
--@ n/02_made.sql
--| -- migrate:up
--| CREATE TABLE made (first int);
--| INSERT INTO made VALUES (1);
--| -- migrate:down
--| DROP TABLE made;
CREATE TABLE a (first int);
CREATE TABLE b (first int, second int);
CREATE TABLE c (first int);
CREATE TABLE d (first int);
CREATE TABLE e (first int);
CREATE TABLE f (first int);
CREATE TABLE empty (first int, second int);
INSERT INTO a VALUES (1), (2);
INSERT INTO b VALUES (1, 1);
INSERT INTO c VALUES (1), (2);
INSERT INTO d VALUES (1);
INSERT INTO e VALUES (1);
INSERT INTO f VALUES (1);
SELECT migrate_load('@DIR@/m');
SELECT version, statement, note FROM migrate_plan();
SELECT name, state, detail FROM migrate_preflight() WHERE name LIKE 'destr%';
SELECT migrate_config('environment', 'production');
SELECT name, state, detail FROM migrate_preflight() WHERE name LIKE 'destr%';
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('01');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_stamp('01');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('02');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_stamp('02');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('03');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_stamp('03');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('04');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_stamp('04');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('05');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_stamp('05');
-- Nothing of what was refused is there; what destroys no row passes.
SELECT count(*) FROM a;
SELECT * FROM b;
SELECT count(*) FROM c;
SELECT first FROM d;
SELECT count(*) FROM e;
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT first FROM f;
-- The mark in the header lets it pass, both ways.
SELECT migrate_config('project', 'other');
SELECT migrate_load('@DIR@/n');
SELECT name, state, detail FROM migrate_preflight() WHERE name LIKE 'destr%';
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT count(*) FROM c;
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_rollback('01');
SELECT count(*) FROM made;
--! sed -i '1i -- migrate:destructive' @DIR@/n/02_made.sql
SELECT migrate_load('@DIR@/n');
SELECT version, state FROM migrate_status();
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_rollback('base');
SELECT count(*) FROM b;
-- Where nothing is protected all of it passes.
SELECT migrate_config('environment', 'test');
SELECT migrate_add('03', 'DELETE FROM f; DELETE FROM d;');
SELECT migrate_stamp('02');
SELECT migrate_apply();
SELECT count(*) FROM f;
-- A mark in the wrong place is an error, and so is more on its line.
SELECT migrate_add('04', 'SELECT 1;
-- migrate:destructive');
SELECT migrate_add('04', '-- migrate:destructive yes
SELECT 1;');
