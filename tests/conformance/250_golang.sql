-- golang-migrate's pairs.
--@ m/1_init.up.sql
--| CREATE TABLE one (id integer);
--| INSERT INTO one VALUES (1);
--@ m/1_init.down.sql
--| DROP TABLE one;
--@ m/000002_second.up.sql
--| BEGIN;
--| CREATE TABLE two (id integer);
--| COMMIT;
--@ m/000002_renamed.down.sql
--| DROP TABLE two;
--@ m/10_up.down.up.sql
--| CREATE TABLE ten (id integer);
--@ m/3_only_up.up.sql
--| CREATE TABLE three (id integer);
SELECT migrate_load('@DIR@/m');
SELECT version, name, CASE WHEN reversible THEN 'yes' ELSE 'no' END
FROM migrate_status();
SELECT migrate_apply();
SELECT migrate_current();
SELECT count(*) FROM one;
SELECT version, section, sql FROM migrate_show('2');
SELECT migrate_load('@DIR@/m');
SELECT migrate_stamp('base');
SELECT migrate_stamp('2');
SELECT migrate_rollback('base');
CREATE TABLE one (id integer);
CREATE TABLE two (id integer);
-- Marks mean nothing in these files.
--@ n/1_a.up.sql
--| -- migrate:down
--| CREATE TABLE marked (id integer);
SELECT migrate_config('project', 'marks');
SELECT migrate_up('@DIR@/n');
SELECT count(*) FROM marked;

-- A way back without a way up; two ways up; only one part; a program.
--@ down/1_init.down.sql
--| DROP TABLE one;
--@ up/1_a.up.sql
--| SELECT 1;
--@ up/1_b.up.sql
--| SELECT 1;
--@ other/1_a.up.sh
--| echo no SQL
SELECT migrate_load('@DIR@/down');
SELECT migrate_load('@DIR@/up');
SELECT migrate_load('@DIR@/m/1_init.up.sql');
SELECT migrate_load('@DIR@/other');
