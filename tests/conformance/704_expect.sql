-- A migration can say which schema it leads to.
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT migrate_seal('1');
SELECT migrate_seal('7');
SELECT migrate_apply();
SELECT CASE WHEN migrate_seal('1') LIKE '-- migrate:expect %/_:%' THEN 'sealed' END;
-- With the line it is taken for what was applied: nothing has changed but comments.
SELECT migrate_add('1', migrate_seal('1') || '
-- migrate:up
CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT version, state FROM migrate_status();
SELECT migrate_rollback();
SELECT migrate_apply();
-- What is no fingerprint is an error.
SELECT migrate_add('2', '-- migrate:expect sqlite
-- migrate:up
SELECT 2;');
-- For another engine it is passed over.
SELECT migrate_add('2', '-- migrate:expect other/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-- migrate:up
CREATE TABLE two (id integer);
-- migrate:down
DROP TABLE two;');
SELECT migrate_apply();
-- For this one it must be so.
SELECT migrate_add('3', '-- migrate:expect sqlite/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-- migrate:expect pg13/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-- migrate:expect pg14/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-- migrate:expect pg15/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-- migrate:expect pg16/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-- migrate:expect pg17/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-- migrate:expect pg18/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-- migrate:up
CREATE TABLE three (id integer);');
SELECT migrate_apply();
SELECT migrate_current();
SELECT count(*) FROM migrate_status() WHERE version = '3' AND state <> 'applied';
-- All of it is undone.
SELECT count(*) FROM migrate_drift();
CREATE TABLE three (id integer);
DROP TABLE three;
-- A down that leads elsewhere, seen by what follows.
SELECT migrate_rollback('base');
SELECT version FROM migrate_status() WHERE state <> 'applied';
CREATE TABLE hand (id integer);
SELECT migrate_apply('1');
DROP TABLE hand;
SELECT migrate_apply('1');
