-- A migration that fails leaves nothing, and what came before it stays.
--@ m/1_good.sql
--| CREATE TABLE one (id integer);
--@ m/2_bad.sql
--| -- migrate:up
--| CREATE TABLE two (id integer);
--| INSERT INTO one VALUES (1);
--|
--| INSERT INTO one
--|   SELECT migrate_rollback();
--| CREATE TABLE three (id integer);
--| -- migrate:down
--| DELETE FROM one;
--| SELECT migrate_stamp('base');
--@ m/3_after.sql
--| CREATE TABLE after (id integer);
SELECT migrate_up('@DIR@/m', '1');
SELECT migrate_apply();
SELECT migrate_apply('2');
SELECT count(*) FROM one;
CREATE TABLE two (id integer);
CREATE TABLE three (id integer);
CREATE TABLE after (id integer);
DROP TABLE two;
DROP TABLE three;
DROP TABLE after;
SELECT migrate_current();
SELECT migrate_pending();
SELECT version, CASE WHEN state IN ('failed', 'pending') THEN 'to do' ELSE state END
FROM migrate_status();
SELECT action, version FROM migrate_history()
WHERE outcome = 'ok' AND action <> 'load' ORDER BY seq;

-- Corrected, it runs.
--! sed -i 's/SELECT migrate_rollback()/SELECT 7/' @DIR@/m/2_bad.sql
SELECT migrate_up('@DIR@/m');
SELECT id FROM one ORDER BY id;
SELECT version, state, detail FROM migrate_status();

-- A way back that fails half-way undoes itself.
SELECT migrate_rollback('2');
SELECT migrate_stamp('base');
SELECT migrate_stamp('2');
SELECT migrate_rollback();
SELECT id FROM one ORDER BY id;
SELECT version, state FROM migrate_status();
SELECT migrate_rollback('base');
SELECT count(*) FROM migrate_history() WHERE action = 'rollback' AND outcome = 'ok';
SELECT migrate_current();
