-- The way back: in reverse order of application, with what it does to data.
CREATE TABLE log (at integer, what text);
SELECT migrate_add('1', 'CREATE TABLE a (id integer)',
  'DROP TABLE a; INSERT INTO log SELECT count(*), ''back 1'' FROM log', 'one');
SELECT migrate_add('3', 'CREATE TABLE c (id integer)',
  'DROP TABLE c; INSERT INTO log SELECT count(*), ''back 3'' FROM log', 'three');
SELECT migrate_apply();
SELECT migrate_add('2', 'CREATE TABLE b (id integer)',
  'DROP TABLE b; INSERT INTO log SELECT count(*), ''back 2'' FROM log', 'two');
SELECT migrate_config('out_of_order', 'allow');
SELECT migrate_apply();
SELECT migrate_current();

-- 2 was applied last, so it is undone first.
SELECT migrate_rollback();
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
-- Back to 1, exclusive: 2, then 3.
SELECT migrate_rollback('1');
SELECT what FROM log ORDER BY at;
SELECT migrate_current();
-- What was undone can be applied again; then all goes.
SELECT migrate_apply();
SELECT migrate_rollback('base');
SELECT what FROM log ORDER BY at;
CREATE TABLE a (id integer);
CREATE TABLE b (id integer);
CREATE TABLE c (id integer);
SELECT action, version, name, outcome FROM migrate_history()
WHERE action IN ('apply', 'rollback') ORDER BY seq;

-- A comment alone is a way back that does nothing; blanks are none.
SELECT migrate_add('4', 'CREATE TABLE d (id integer)', '-- nothing to do');
SELECT migrate_add('5', 'CREATE TABLE e (id integer)', '  ');
SELECT version, CASE WHEN reversible THEN 'yes' ELSE 'no' END
FROM migrate_status() WHERE version IN ('4', '5');
DROP TABLE a;
DROP TABLE b;
DROP TABLE c;
SELECT migrate_apply('4');
SELECT migrate_rollback();
SELECT count(*) FROM d;
