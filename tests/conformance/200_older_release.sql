-- The directory of an older release changes nothing.
--@ old/1_one.sql
--| INSERT INTO log VALUES ('one');
--@ old/R__view.sql
--| INSERT INTO log VALUES ('old view');
--@ new/1_one.sql
--| INSERT INTO log VALUES ('one');
--@ new/2_two.sql
--| INSERT INTO log VALUES ('two');
--@ new/3_three.sql
--| INSERT INTO log VALUES ('three');
--@ new/R__view.sql
--| INSERT INTO log VALUES ('new view');
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/old');
SELECT what FROM log ORDER BY what;
SELECT migrate_up('@DIR@/new', '2');
-- 3 and the repeatable one are still to come, but not by this release.
SELECT migrate_load('@DIR@/old');
BEGIN;
SELECT migrate_up('@DIR@/old');
SELECT version, state FROM migrate_status();
SELECT migrate_pending();
SELECT count(*) FROM migrate_plan();
SELECT migrate_apply();
COMMIT;
SELECT count(*) FROM migrate_history() WHERE action IN ('load', 'absent');
SELECT what FROM log ORDER BY what;
-- The newer release goes on.
SELECT migrate_up('@DIR@/new');
SELECT version, state FROM migrate_status();
SELECT what FROM log ORDER BY what;
BEGIN;
SELECT migrate_up('@DIR@/old');
SELECT version, state FROM migrate_status();
COMMIT;
SELECT what FROM log ORDER BY what;
SELECT sql FROM migrate_show('R__view');

-- A directory that holds something new is no older release's.
--@ fork/1_one.sql
--| INSERT INTO log VALUES ('one');
--@ fork/1.5_between.sql
--| INSERT INTO log VALUES ('between');
SELECT migrate_load('@DIR@/fork');
SELECT version, state FROM migrate_status();
