-- A database that was there before its migrations.
--@ m/1_one.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('one');
--| -- migrate:down
--| INSERT INTO log VALUES ('down one');
--@ m/3_three.sql
--| INSERT INTO log VALUES ('three');
--@ m/5_five.sql
--| -- migrate:requires 2, 3
--| INSERT INTO log VALUES ('five');
--@ m/R__view.sql
--| INSERT INTO log VALUES ('repeatable');
CREATE TABLE log (what text);
-- With nothing loaded: whatever comes up to it is passed over, and counts as
-- there for what requires it.
SELECT migrate_baseline('4', 'taken over from the old scripts');
SELECT migrate_current();
SELECT migrate_load('@DIR@/m');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
SELECT migrate_add('2', 'INSERT INTO log VALUES (''two'')');
SELECT migrate_apply('3');
SELECT migrate_apply();
SELECT what FROM log ORDER BY what;
SELECT version, state, detail FROM migrate_status();
SELECT migrate_current();
SELECT migrate_rollback('base');
SELECT migrate_baseline('4');
SELECT migrate_baseline('5');
-- It holds until the database is declared to be elsewhere.
SELECT migrate_stamp('5');
SELECT migrate_stamp('3');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_stamp('base');
SELECT migrate_current();
SELECT version, state, detail FROM migrate_status() WHERE version <> 'R__view';
SELECT action, version, detail FROM migrate_history()
WHERE action IN ('baseline', 'stamp', 'unstamp') ORDER BY seq;

-- With migrations loaded: those up to it are recorded, and have their way back.
SELECT migrate_baseline('3');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_current();
SELECT migrate_add('0.5', 'SELECT 1');
SELECT version, state, detail FROM migrate_status() WHERE version = '0.5';
SELECT migrate_rollback('1');
SELECT migrate_add('3', 'INSERT INTO log VALUES (''three'')',
                   'INSERT INTO log VALUES (''down three'')');
SELECT migrate_stamp('base');
SELECT migrate_add('6', 'INSERT INTO log VALUES (''six'')',
                   'INSERT INTO log VALUES (''down six'')');
SELECT migrate_add('7', 'INSERT INTO log VALUES (''seven'')',
                   'INSERT INTO log VALUES (''down seven'')');
SELECT migrate_baseline('6');
SELECT migrate_rollback('5');
SELECT migrate_add('5.5', 'SELECT 1');
-- What was rolled back is not passed over; what came later is.
SELECT version, state, detail FROM migrate_status();
SELECT migrate_apply();
SELECT version, state, detail FROM migrate_status();

-- Not a place.
SELECT migrate_stamp('base');
SELECT migrate_baseline('head');
SELECT migrate_baseline('');
SELECT migrate_baseline(NULL);
SELECT migrate_baseline('+1');
SELECT migrate_baseline('two words');
SELECT migrate_baseline('R__view');
SELECT migrate_baseline('3', 'two
lines');
SELECT migrate_apply('1');
SELECT migrate_baseline('3');
SELECT migrate_current();
SELECT kind, version, object, problem FROM migrate_verify();
