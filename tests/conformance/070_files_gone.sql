-- Rolling back needs no files, and uses the text that was applied.
--@ shop/0001_one.sql
--| -- migrate:up
--| CREATE TABLE one (id integer);
--| -- migrate:down
--| DROP TABLE one;
--@ shop/0002_two.sql
--| -- migrate:up
--| CREATE TABLE two (id integer);
--| -- migrate:down
--| DROP TABLE two;
SELECT migrate_up('@DIR@/shop');
--! rm -r @DIR@/shop
SELECT migrate_up('@DIR@/shop');
SELECT migrate_load('@DIR@/shop');
SELECT version, name, state FROM migrate_status();
SELECT migrate_rollback();
CREATE TABLE two (id integer);
DROP TABLE two;
-- It can even be applied again.
SELECT migrate_apply();
SELECT count(*) FROM two;
SELECT migrate_rollback('base');
CREATE TABLE one (id integer);
CREATE TABLE two (id integer);
SELECT migrate_pending();
