-- Bringing the catalogue and the directory together again.
--@ m/1_one.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('one');
--| -- migrate:down
--| INSERT INTO log VALUES ('down one');
--@ m/2_two.sql
--| INSERT INTO log VALUES ('two');
--@ m/3_three.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('three');
--| -- migrate:down
--| INSERT INTO log VALUES ('down three');
--@ m/4_four.sql
--| INSERT INTO log VALUES ('four');
--@ m/9_nine.sql
--| INSERT INTO log VALUES ('nine');
CREATE TABLE log (what text);
SELECT count(*) FROM migrate_repair_plan();
SELECT migrate_repair();
SELECT migrate_up('@DIR@/m', '3');
SELECT count(*) FROM migrate_repair_plan();
SELECT migrate_repair();
SELECT migrate_repair('2');
-- 1 is changed, 2 missing, 4 withdrawn.
--! printf '%s\n' '-- migrate:up' "INSERT INTO log VALUES ('new one');" '-- migrate:down' "INSERT INTO log VALUES ('new down one');" > @DIR@/m/1_one.sql
--! rm @DIR@/m/2_two.sql @DIR@/m/4_four.sql
SELECT migrate_load('@DIR@/m');
SELECT version, state FROM migrate_status();
SELECT * FROM migrate_repair_plan();
SELECT * FROM migrate_repair_plan('2');
SELECT count(*) FROM migrate_repair_plan('3');
SELECT migrate_repair('3');
SELECT migrate_repair('1', 'it was only reformatted');
SELECT version, state FROM migrate_status();
SELECT migrate_repair(NULL, 'they went in the clean-up of May');
SELECT version, state, detail FROM migrate_status();
SELECT count(*) FROM migrate_repair_plan();
SELECT action, version, name, outcome, detail FROM migrate_history()
WHERE action IN ('accept', 'tombstone', 'remove') ORDER BY seq;
-- Who applied it, when and in which order is as it was.
SELECT CASE WHEN applied_at < (SELECT max(at) FROM migrate_history()
                               WHERE action = 'accept') THEN 'before' END
FROM migrate_status() WHERE version = '1';
-- A directory that is loaded again changes nothing of it.
SELECT migrate_load('@DIR@/m');
SELECT version, state FROM migrate_status();
-- The new way back is the one that is run.
SELECT migrate_rollback('2');
SELECT migrate_rollback();
SELECT migrate_stamp('1');
SELECT migrate_rollback();
SELECT what FROM log ORDER BY what;
-- A tombstone that is not applied any more can be taken out as well.
SELECT version, state, detail FROM migrate_status();
SELECT version, state, action FROM migrate_repair_plan();
SELECT migrate_repair();
-- All of them can come again.
--@ n/2_two.sql
--| INSERT INTO log VALUES ('two');
--@ n/4_four.sql
--| INSERT INTO log VALUES ('four');
--! for f in @DIR@/n/*; do cp "$f" @DIR@/m; done
SELECT migrate_load('@DIR@/m');
SELECT version, state FROM migrate_status();

-- A file that was given another version: it would run twice.
SELECT migrate_apply();
--! mv @DIR@/m/9_nine.sql @DIR@/m/10_nine.sql
SELECT migrate_load('@DIR@/m');
SELECT * FROM migrate_repair_plan();
SELECT migrate_repair();
SELECT version, state FROM migrate_status() WHERE version IN ('9', '10');
--! mv @DIR@/m/10_nine.sql @DIR@/m/9_nine.sql
SELECT migrate_load('@DIR@/m');
SELECT * FROM migrate_repair_plan();
SELECT migrate_repair();
SELECT version, state FROM migrate_status() WHERE version IN ('9', '10');

-- What is no migration.
SELECT count(*) FROM migrate_repair_plan('77');
SELECT migrate_repair('77');
SELECT migrate_repair('head');
SELECT migrate_repair('');
SELECT migrate_repair('1', '');
SELECT kind, version, object, problem FROM migrate_verify() WHERE kind <> 'missing';
