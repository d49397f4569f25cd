-- Hooks: what runs before and after runs and migrations, as Flyway's callbacks.
--@ m/V1__one.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), '1');
--@ m/U1__one.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'back 1');
--@ m/V2__two.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), '2');
--@ m/U2__two.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'back 2');
--@ m/R__again.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'R');
--@ m/beforeMigrate.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'beforeMigrate ${who} ${flyway:filename}');
--@ m/beforeMigrate__b_second.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'beforeMigrate b');
--@ m/beforeMigrate__a first.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'beforeMigrate a');
--@ m/callbacks/beforeEachMigrate.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'before each');
--@ m/callbacks/afterEachMigrate.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'after each');
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'after each too');
--@ m/afterMigrate.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'afterMigrate');
--@ m/afterMigrateApplied.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'afterMigrateApplied');
--@ m/beforeUndo.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'beforeUndo');
--@ m/beforeEachUndo.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'before each undo');
--@ m/afterEachUndo.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'after each undo');
--@ m/afterUndo.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'afterUndo');
--@ m/beforeEachUndo__never.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'never');
--@ m/beforeEachUndo__never.sql.conf
--| shouldExecute=${flyway:environment}==production
--@ m/afterValidate.sql
--| INSERT INTO log VALUES ((SELECT count(*) FROM log), 'never');
CREATE TABLE log (at integer, what text);
SELECT file, version, name, note FROM migrate_sources('@DIR@/m') WHERE note IS NOT NULL;
SELECT migrate_load('@DIR@/m');
SELECT migrate_load('@DIR@/m');
SELECT version, state FROM migrate_status();
SELECT migrate_pending();
-- One that cannot be run keeps everything from being run.
SELECT migrate_apply();
SELECT migrate_config('var.who', 'me');
SELECT step, version, action, statement, line, sql FROM migrate_plan('1');
SELECT count(*) FROM migrate_plan();
SELECT migrate_apply('1');
SELECT what FROM log ORDER BY at;
-- Only when there is something to run.
SELECT migrate_apply('1');
SELECT count(*) FROM log;
SELECT migrate_apply();
SELECT what FROM log WHERE at > 8 ORDER BY at;
SELECT migrate_apply();
SELECT count(*) FROM log;
SELECT action, version, name, outcome, detail FROM migrate_history()
WHERE action <> 'config' AND outcome = 'ok';
SELECT * FROM migrate_show('beforeMigrate__b_second');
SELECT section, sql FROM migrate_show('afterMigrate');
-- They are no versions and no targets.
SELECT migrate_apply('afterMigrate');
SELECT migrate_current();
DELETE FROM log;
SELECT migrate_rollback();
SELECT what FROM log ORDER BY at;
DELETE FROM log;
SELECT migrate_redo();
SELECT what FROM log ORDER BY at;
DELETE FROM log;
SELECT migrate_rollback('base');
SELECT what FROM log ORDER BY at;

-- They run without their files, until these are known to be gone.
--! rm @DIR@/m/before* @DIR@/m/after*
DELETE FROM log;
SELECT migrate_apply('+1');
SELECT count(*) FROM log;
SELECT migrate_load('@DIR@/m');
DELETE FROM log;
SELECT migrate_apply();
SELECT what FROM log ORDER BY at;

-- A failure names the hook, and undoes its migration.
SELECT migrate_config('project', 'bad');
--@ n/V1__one.sql
--| INSERT INTO log VALUES (100, 'one');
--@ n/V2__two.sql
--| INSERT INTO log VALUES (101, 'two');
--@ n/afterEachMigrate.sql
--| -- A comment.
--| INSERT INTO log VALUES (102, 'hook');
--|
--| INSERT INTO log (what)
--|   SELECT migrate_stamp('base');
--@ n/beforeMigrate.sql
--| INSERT INTO log VALUES (103, 'before');
SELECT migrate_load('@DIR@/n');
SELECT migrate_apply();
SELECT what FROM log WHERE at BETWEEN 100 AND 102;
SELECT version, CASE WHEN state IN ('failed', 'pending') THEN 'to do' ELSE state END
FROM migrate_status();
--! rm @DIR@/n/afterEachMigrate.sql
--! echo "SELECT migrate_stamp('base')" > @DIR@/n/beforeMigrate.sql
SELECT migrate_load('@DIR@/n');
SELECT migrate_apply();
SELECT what FROM log WHERE at BETWEEN 100 AND 102;
-- Nor may one stand in two folders.
--! mkdir @DIR@/n/more; cp @DIR@/n/beforeMigrate.sql @DIR@/n/more
SELECT migrate_load('@DIR@/n');
