-- Checkpoints: where nothing is applied the highest one is run instead of all
-- that is before it; anywhere else checkpoints are passed over.
--@ m/V1__one.sql
--| INSERT INTO log VALUES ('1');
--@ m/V2__two.sql
--| INSERT INTO log VALUES ('2');
--@ m/U2__two.sql
--| INSERT INTO log VALUES ('back 2');
--@ m/B2__two.sql
--| INSERT INTO log VALUES ('B2');
--@ m/V2.1__more.sql
--| INSERT INTO log VALUES ('2.1');
--@ m/V3__three.sql
--| INSERT INTO log VALUES ('3');
--@ m/U3__three.sql
--| INSERT INTO log VALUES ('back 3');
--@ m/B1__one.sql
--| INSERT INTO log VALUES ('B1');
--@ m/R__again.sql
--| INSERT INTO log VALUES ('R');
CREATE TABLE log (what text);
SELECT migrate_load('@DIR@/m');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
SELECT DISTINCT step, version FROM migrate_plan() ORDER BY 1;
SELECT DISTINCT step, version FROM migrate_plan('2') ORDER BY 1;
SELECT DISTINCT step, version FROM migrate_plan('1') ORDER BY 1;
SELECT DISTINCT step, version FROM migrate_plan('B1') ORDER BY 1;
SELECT DISTINCT step, version FROM migrate_plan('+2') ORDER BY 1;
SELECT migrate_apply('+1');
SELECT migrate_current();
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
-- What it stands for is reached; another one is not to be had here.
SELECT migrate_apply('1');
SELECT migrate_apply('2');
SELECT migrate_apply('B1');
SELECT migrate_apply();
SELECT what FROM log;
SELECT migrate_pending();
-- A later one changes nothing, nor does one that is late below it.
--! echo "INSERT INTO log VALUES ('B3');" > @DIR@/m/B3__three.sql
--! echo "INSERT INTO log VALUES ('0.5');" > @DIR@/m/V0.5__late.sql
SELECT migrate_load('@DIR@/m');
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
SELECT migrate_rollback('base');
SELECT migrate_rollback('2');
SELECT migrate_rollback('2.1');

-- Files that it stands for may go, and their versions still be meant by it.
SELECT migrate_config('project', 'second');
--! rm @DIR@/m/V[0-3]* @DIR@/m/U* @DIR@/m/B1* @DIR@/m/B3*
DELETE FROM log;
SELECT migrate_load('@DIR@/m');
SELECT migrate_apply('2');
SELECT what FROM log;
SELECT version, state, detail FROM migrate_status();

-- Where something is applied already they are passed over; so they are where
-- something was recorded.
SELECT migrate_config('project', 'third');
--! echo "INSERT INTO log VALUES ('2');" > @DIR@/m/V2__two.sql
--! echo "INSERT INTO log VALUES ('back');" > @DIR@/m/U2__two.sql
--! mv @DIR@/m/B2__two.sql @DIR@/B2
SELECT migrate_load('@DIR@/m');
SELECT migrate_apply();
--! mv @DIR@/B2 @DIR@/m/B2__two.sql
SELECT migrate_load('@DIR@/m');
SELECT migrate_apply();
SELECT version, state, detail FROM migrate_status();
SELECT migrate_apply('B2');
-- When all is undone, nothing is applied.
SELECT migrate_rollback('base');
SELECT version, state FROM migrate_status();
SELECT migrate_stamp('head');
SELECT version, state FROM migrate_status();
SELECT migrate_stamp('base');
SELECT migrate_stamp('2');
SELECT version, state FROM migrate_status();
