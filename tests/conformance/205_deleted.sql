-- A pending migration whose file was deleted, the newest one.
--@ more/1_one.sql
--| INSERT INTO log VALUES ('one');
--@ more/2_two.sql
--| INSERT INTO log VALUES ('two');
--@ less/1_one.sql
--| INSERT INTO log VALUES ('one');
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/more', '1');
-- What starts with fewer files may be an older release: nothing changes.
BEGIN;
SELECT migrate_up('@DIR@/less');
SELECT version, state FROM migrate_status();
COMMIT;
-- Whoever loads them on purpose takes it back.
SELECT migrate_load('@DIR@/less');
SELECT version, state FROM migrate_status();
SELECT migrate_pending();
SELECT migrate_apply();
-- And its file may come again.
SELECT migrate_load('@DIR@/more');
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
-- Applied, it makes the smaller directory an older release's for good.
BEGIN;
SELECT migrate_load('@DIR@/less');
SELECT version, state FROM migrate_status();
COMMIT;
