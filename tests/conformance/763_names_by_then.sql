-- A name that an earlier statement of the run gives to another table is not
-- held, ahead of the run, against what it means now.
CREATE TABLE one (first int);
CREATE TABLE two (first int);
CREATE TABLE three (first int);
INSERT INTO one VALUES (1);
INSERT INTO two VALUES (1);
INSERT INTO three VALUES (1);
SELECT migrate_config('environment', 'production');
SELECT migrate_add('1', 'ALTER TABLE one RENAME TO kept;
CREATE TABLE one (first int)');
SELECT migrate_add('2', 'DELETE FROM one; DROP TABLE "one"');
SELECT version, statement, note FROM migrate_plan();
SELECT state FROM migrate_preflight() WHERE name LIKE 'destr%';
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT first FROM kept;
-- Likewise where one is dropped by a file that says so.
SELECT migrate_add('3', '-- migrate:destructive
DROP TABLE two;
CREATE TABLE two (first int)');
SELECT migrate_add('4', 'DROP TABLE two');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
-- Nor where a temporary one stands in front of it.
SELECT migrate_add('5', 'CREATE TEMPORARY TABLE three (first int);
DROP TABLE three');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT first FROM three;
-- A name that is no word is found as well.
CREATE TABLE "one two.three" (first int);
INSERT INTO "one two.three" VALUES (1);
SELECT migrate_add('5.1', 'ALTER TABLE "one two.three" RENAME TO "%";
CREATE TABLE "one two.three" (first int)');
SELECT migrate_add('5.2', 'DELETE FROM "one two.three"');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT migrate_add('5.3', 'ALTER TABLE "%" RENAME TO "&";
CREATE TABLE "%" (first int)');
SELECT migrate_add('5.4', 'DELETE FROM "%"');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT first FROM "&";
-- Others are as certain as before: nothing is changed.
SELECT migrate_add('6', 'ALTER TABLE kept RENAME TO thre');
SELECT migrate_add('7', 'DROP TABLE three');
SELECT state FROM migrate_preflight() WHERE name LIKE 'destr%';
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT first FROM kept;
SELECT migrate_config('confirm');
-- So are they where a table is made that only has a column's name, or is there.
SELECT migrate_add('6', 'CREATE TABLE first (id int)');
SELECT migrate_add('7', 'UPDATE three SET first = 2');
SELECT migrate_apply();
SELECT migrate_add('6', 'CREATE TABLE IF NOT EXISTS three (first int)');
SELECT state FROM migrate_preflight() WHERE name LIKE 'destr%';
SELECT migrate_apply();
SELECT first FROM three;
-- What the name means when its turn comes is looked at then.
SELECT migrate_add('7', 'DROP TABLE three');
SELECT migrate_add('6', 'ALTER TABLE three RENAME TO four;
ALTER TABLE kept RENAME TO three');
SELECT state FROM migrate_preflight() WHERE name LIKE 'destr%';
SELECT migrate_apply();
SELECT first FROM three;
