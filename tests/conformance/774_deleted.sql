-- Migrations whose files were deleted on purpose.
--@ m/1_one.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('one');
--| -- migrate:down
--| INSERT INTO log VALUES ('down one');
--@ m/2_two.sql
--| INSERT INTO log VALUES ('two');
--@ m/3_three.sql
--| INSERT INTO log VALUES ('three');
--@ m/4_four.sql
--| -- migrate:requires 2
--| INSERT INTO log VALUES ('four');
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/m', '1');
--! printf '%s\n' '-- migrate:deleted' '-- Replaced by 3.' > @DIR@/m/1_one.sql
--! printf '%s\n' '-- It was never applied.' '--migrate:deleted' > @DIR@/m/2_two.sql
SELECT migrate_load('@DIR@/m');
SELECT migrate_load('@DIR@/m');
SELECT version, state, CASE WHEN reversible THEN 'yes' ELSE 'no' END, detail
FROM migrate_status();
SELECT migrate_pending();
SELECT migrate_apply('2');
SELECT migrate_apply('4');
SELECT migrate_apply('3');
SELECT section FROM migrate_show('1');
-- Its way back is the one that was kept.
SELECT migrate_redo();
SELECT migrate_rollback('1');
SELECT migrate_stamp('1');
SELECT migrate_redo();
SELECT migrate_rollback('base');
SELECT what FROM log ORDER BY what;
SELECT version, state, detail FROM migrate_status();
SELECT migrate_stamp('head');
SELECT version, state FROM migrate_status();
-- Its file may come again.
--! printf '%s\n' "INSERT INTO log VALUES ('one again');" > @DIR@/m/1_one.sql
SELECT migrate_load('@DIR@/m');
SELECT version, state FROM migrate_status() WHERE version = '1';

-- There is nothing else in such a file.
--@ a/1_a.sql
--| -- migrate:deleted
--| SELECT 1;
SELECT migrate_load('@DIR@/a');
--@ b/1_a.sql
--| -- migrate:deleted
--| -- migrate:up
--| SELECT 1;
SELECT migrate_load('@DIR@/b');
--@ c/1_a.sql
--| -- migrate:up
--| -- migrate:deleted
SELECT migrate_load('@DIR@/c');
--@ d/1_a.sql
--| -- migrate:deleted by me
SELECT migrate_load('@DIR@/d');
--@ e/1_a.sql
--| SELECT 1;
--| -- migrate:deleted
SELECT migrate_load('@DIR@/e');
