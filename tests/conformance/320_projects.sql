-- Several sets of migrations in one database know nothing of each other.
--@ shop/1_shop.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('shop 1');
--| -- migrate:down
--| INSERT INTO log VALUES ('shop back 1');
--@ wiki/1_wiki.sql
--| -- migrate:up
--| INSERT INTO log VALUES ('wiki 1');
--| -- migrate:down
--| INSERT INTO log VALUES ('wiki back 1');
--@ wiki/2_wiki.sql
--| INSERT INTO log VALUES ('wiki 2');
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/shop');
SELECT migrate_config('project', 'wiki');
SELECT count(*) FROM migrate_status();
SELECT migrate_current();
SELECT migrate_pending();
-- The message helps whoever has forgotten it.
SELECT migrate_apply('1');
SELECT migrate_up('@DIR@/wiki', '1');
SELECT version, name, state FROM migrate_status();
SELECT migrate_rollback();
SELECT migrate_rollback();
SELECT migrate_apply();
SELECT seq, action, version, name FROM migrate_history();
SELECT migrate_config('project', 'shop');
SELECT count(*) FROM migrate_status();
SELECT migrate_config('project', NULL);
SELECT version, name, state FROM migrate_status();
SELECT migrate_current();
SELECT migrate_apply();
SELECT migrate_stamp('base');
SELECT migrate_pending();
SELECT what FROM log ORDER BY what;
-- Each has a chain of its own, and each row in it the hash of the one before.
SELECT project, count(*), min(seq), max(seq) FROM migrate_event
GROUP BY project ORDER BY project;
SELECT count(*) FROM migrate_event b
WHERE previous_hash IS NOT NULL AND NOT EXISTS
  (SELECT 1 FROM migrate_event a
   WHERE a.project = b.project AND a.target = b.target
     AND a.seq = b.seq - 1 AND a.hash = b.previous_hash);
