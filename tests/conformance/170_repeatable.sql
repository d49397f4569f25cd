-- Repeatable migrations: after all others, whenever their text has changed.
--@ a/R__views.sql
--| INSERT INTO log SELECT count(*), 'views' FROM log;
--@ a/R__access.sql
--| INSERT INTO log SELECT count(*), 'access' FROM log;
--@ a/1_one.sql
--| -- migrate:up
--| INSERT INTO log SELECT count(*), 'one' FROM log;
--| -- migrate:down
--| INSERT INTO log SELECT count(*), 'down one' FROM log;
--@ a/2_two.sql
--| -- migrate:up
--| INSERT INTO log SELECT count(*), 'two' FROM log;
--| -- migrate:down
--| INSERT INTO log SELECT count(*), 'down two' FROM log;
CREATE TABLE log (at integer, what text);
SELECT migrate_load('@DIR@/a');
SELECT version, name, state, CASE WHEN reversible THEN 'yes' ELSE 'no' END
FROM migrate_status();
SELECT migrate_apply('2');
SELECT migrate_current();
SELECT migrate_pending();
SELECT migrate_apply();
SELECT what FROM log ORDER BY at;
SELECT migrate_current();
SELECT migrate_apply();

-- Another text runs again; the old one is no "changed".
--! echo "INSERT INTO log SELECT count(*), 'more views' FROM log;" > @DIR@/a/R__views.sql
SELECT migrate_load('@DIR@/a');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
SELECT migrate_apply();
SELECT what FROM log WHERE at > 3 ORDER BY at;

-- They are no steps back, and are not undone.
SELECT migrate_rollback();
SELECT migrate_rollback('base');
SELECT version, state FROM migrate_status();
SELECT migrate_redo();
SELECT migrate_apply();
SELECT what FROM log WHERE at > 4 ORDER BY at;
