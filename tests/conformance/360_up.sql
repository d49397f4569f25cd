-- The one line that an application runs when it starts.
--@ m/1_one.sql
--| CREATE TABLE one (id integer);
--@ m/2_two.sql
--| CREATE TABLE two (id integer);
--@ m/3_three.sql
--| CREATE TABLE three (id integer);
SELECT migrate_up('@DIR@/m', '+1');
SELECT migrate_up('@DIR@/m', '2');
SELECT migrate_up('@DIR@/m', '9');
SELECT migrate_up('@DIR@/m', 'base');
SELECT migrate_up('@DIR@/m', '-1');
SELECT migrate_current();
SELECT migrate_up('@DIR@/m');
SELECT migrate_up('@DIR@/m');
SELECT migrate_up('@DIR@/m', 'head');
SELECT migrate_up('@DIR@/m', '9');
-- A directory that is wrong changes nothing, and applies nothing.
--@ wrong/4_four.sql
--| CREATE TABLE four (id integer);
--@ wrong/5_five.sql
--| -- migrate:down
SELECT migrate_up('@DIR@/wrong');
SELECT version FROM migrate_status();
SELECT migrate_current();
-- A target that is wrong applies nothing, though it was loaded.
--@ more/1_one.sql
--| CREATE TABLE one (id integer);
--@ more/2_two.sql
--| CREATE TABLE two (id integer);
--@ more/3_three.sql
--| CREATE TABLE three (id integer);
--@ more/4_four.sql
--| CREATE TABLE four (id integer);
SELECT migrate_up('@DIR@/more', '5');
SELECT migrate_current();
SELECT migrate_up('@DIR@/more/4_four.sql');
SELECT migrate_current();
