-- An accept says what was accepted: the texts that were expected are no more.
SELECT migrate_add('1', 'CREATE TABLE a (x integer); CREATE TABLE b (x integer); CREATE INDEX i ON a (x)');
SELECT migrate_apply();
-- An index that is another table's now has changed, and is no two.
DROP INDEX i;
CREATE INDEX i ON b (x);
SELECT kind, replace(object, 'public.', ''), change FROM migrate_drift();
CREATE TABLE hand (id integer);
SELECT migrate_accept();
SELECT replace(detail, 'public.', '') FROM migrate_history() WHERE action = 'accept';
SELECT count(*) FROM migrate_verify();
CREATE TABLE "two
schema: lines" (id integer);
SELECT migrate_accept();
SELECT replace(replace(detail, 'public.', ''), '"', '') FROM migrate_history() WHERE action = 'accept' ORDER BY seq DESC LIMIT 1;
SELECT count(*) FROM migrate_verify();
SELECT CASE WHEN migrate_accept(NULL, 'nothing was there') = 0 THEN 'none' END;
SELECT detail FROM migrate_history() WHERE action = 'accept' ORDER BY seq DESC LIMIT 1;
-- Twenty are named.
DROP TABLE a;
CREATE TABLE h01 (x integer); CREATE TABLE h02 (x integer); CREATE TABLE h03 (x integer); CREATE TABLE h04 (x integer);
CREATE TABLE h05 (x integer); CREATE TABLE h06 (x integer); CREATE TABLE h07 (x integer); CREATE TABLE h08 (x integer);
CREATE TABLE h09 (x integer); CREATE TABLE h10 (x integer); CREATE TABLE h11 (x integer); CREATE TABLE h12 (x integer);
CREATE TABLE h13 (x integer); CREATE TABLE h14 (x integer); CREATE TABLE h15 (x integer); CREATE TABLE h16 (x integer);
CREATE TABLE h17 (x integer); CREATE TABLE h18 (x integer); CREATE TABLE h19 (x integer); CREATE TABLE h20 (x integer);
SELECT migrate_accept(NULL, 'these are right');
SELECT replace(detail, 'public.', '') FROM migrate_history() WHERE action = 'accept' ORDER BY seq DESC LIMIT 1;
SELECT count(*) FROM migrate_verify();
