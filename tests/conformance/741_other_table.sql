-- An index that is made anew on another table has changed; it is no two.
SELECT migrate_add('1', 'CREATE TABLE a (x integer); CREATE TABLE b (x integer); CREATE TABLE c (x integer); CREATE INDEX i ON a (x); CREATE INDEX j ON c (x)');
SELECT migrate_apply();
DROP INDEX i;
CREATE INDEX i ON b (x);
SELECT kind, replace(object, 'public.', ''), change FROM migrate_drift();
-- Also where the one table, or the other, is alone.
DROP TABLE a;
DROP INDEX j;
CREATE TABLE d (x integer);
CREATE INDEX j ON d (x);
SELECT kind, replace(object, 'public.', ''), change FROM migrate_drift();
