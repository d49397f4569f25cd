-- Loading never deletes: what is absent from its directory is kept.
--@ a/1_one.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('one');
--| -- migrate:down
--| INSERT INTO log VALUES ('down one');
--@ a/2_two.sql
--| INSERT INTO log VALUES ('two');
--@ a/3_three.sql
--| INSERT INTO log VALUES ('three');
--@ b/2_two.sql
--| INSERT INTO log VALUES ('two');
--@ b/4_four.sql
--| INSERT INTO log VALUES ('four');
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/a', '1');
-- 1 is missing, 3 is withdrawn, 4 is new.
SELECT migrate_load('@DIR@/b');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
SELECT action, version, name, detail FROM migrate_history()
WHERE action = 'absent' ORDER BY seq;
SELECT migrate_load('@DIR@/b');
SELECT count(*) FROM migrate_history() WHERE action = 'absent';
SELECT migrate_apply('3');
SELECT migrate_apply('2');
SELECT migrate_apply();
SELECT what FROM log ORDER BY what;
SELECT version, state FROM migrate_status();

-- Both are back.
--! cp @DIR@/b/4_four.sql @DIR@/a
SELECT migrate_load('@DIR@/a');
SELECT version, state FROM migrate_status();
SELECT migrate_config('out_of_order', 'allow');
SELECT migrate_apply();
SELECT what FROM log ORDER BY what;

-- One file, a text, or another source makes nothing vanish.
SELECT migrate_load('@DIR@/b/4_four.sql');
SELECT migrate_add('5', 'INSERT INTO log VALUES (''five'')');
--@ c/6_six.sql
--| INSERT INTO log VALUES ('six');
SELECT migrate_config('source', 'other');
SELECT migrate_load('@DIR@/c');
SELECT version, state FROM migrate_status();
-- A version of one source cannot be taken over by another with another text.
--@ d/2_two.sql
--| INSERT INTO log VALUES ('another two');
--@ d/6_six.sql
--| INSERT INTO log VALUES ('six');
SELECT migrate_load('@DIR@/d');
SELECT migrate_add('6', 'SELECT 6');
SELECT version, state FROM migrate_status() WHERE version IN ('2', '6');

-- What is missing can still be rolled back, but not done again.
SELECT migrate_config('source', NULL);
SELECT migrate_rollback('1');
SELECT migrate_stamp('base');
SELECT migrate_apply('1');
--! rm @DIR@/a/1_one.sql
SELECT migrate_load('@DIR@/a');
SELECT version, state FROM migrate_status() WHERE version = '1';
SELECT migrate_redo();
SELECT migrate_rollback();
SELECT version, state FROM migrate_status() WHERE version = '1';
SELECT count(*) FROM log WHERE what = 'down one';
