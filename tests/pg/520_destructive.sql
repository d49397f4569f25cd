-- What statements destroy: told by the plan, refused where it is protected.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION migrate;

CREATE SCHEMA shop;
CREATE TABLE a (id int PRIMARY KEY, name varchar(10), price numeric(8, 2),
                at timestamptz, day date, tags int[]);
INSERT INTO a VALUES (1, 'one', 1.5, now(), now(), '{1}'),
                     (2, 'two', 2.5, now(), now(), '{2}');
CREATE TABLE child (id int PRIMARY KEY, a int REFERENCES a);
INSERT INTO child VALUES (1, 1);
CREATE TABLE empty (id int, name text);
CREATE TABLE shop.basket (id int);
INSERT INTO shop.basket SELECT generate_series(1, 2000);
CREATE TABLE shop.nothing (id int);
CREATE TABLE parted (id int, what text) PARTITION BY LIST (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2);
INSERT INTO parted VALUES (1, 'one');
CREATE TABLE father (id int);
CREATE TABLE son () INHERITS (father);
INSERT INTO son VALUES (1);
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TYPE pair AS (first int, second int);
CREATE DOMAIN code AS varchar(5);
CREATE TABLE typed (id int, m mood, p pair, c code);
INSERT INTO typed VALUES (1, 'good', (1, 2), 'abc');
CREATE VIEW looks AS SELECT id FROM child;
CREATE MATERIALIZED VIEW kept AS SELECT 1 AS id;
CREATE ROLE destructive_owner;
CREATE TABLE owned (id int);
INSERT INTO owned VALUES (1);
ALTER TABLE owned OWNER TO destructive_owner;
CREATE TEMPORARY TABLE passing (id int);
INSERT INTO passing VALUES (1);
CREATE TABLE "Quoted ""Table""" ("A column" int);
INSERT INTO "Quoted ""Table""" VALUES (1);
CREATE TABLE hidden (id int);
INSERT INTO hidden VALUES (1);
ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
ALTER TABLE hidden FORCE ROW LEVEL SECURITY;

CREATE TEMPORARY TABLE cases (
    number int GENERATED ALWAYS AS IDENTITY, statement text, loses text);
INSERT INTO cases (statement, loses) VALUES
-- tables
('DROP TABLE empty', NULL),
('DROP TABLE IF EXISTS nowhere, empty', NULL),
('DROP TABLE child', 'drops table "child" (1 row)'),
('DROP TABLE empty, child', 'drops table "child" (1 row)'),
('DROP TABLE public.child', 'drops table "child" (1 row)'),
('DROP TABLE shop.basket', 'drops table "shop.basket" (more than 1000 rows)'),
('DROP TABLE a CASCADE', 'drops table "a" (2 rows)'),
('DROP TABLE parted', 'drops table "parted" (1 row)'),
('DROP TABLE parted_1', 'drops table "parted_1" (1 row)'),
('DROP TABLE parted_2', NULL),
('DROP TABLE father CASCADE', 'drops table "father" (1 row), table "son" (1 row)'),
('DROP TABLE passing', NULL),
('DROP TABLE hidden', 'drops table "hidden" (1 row)'),
('DROP TABLE "Quoted ""Table"""', 'drops table "Quoted "Table"" (1 row)'),
('DROP VIEW looks', NULL),
('DROP MATERIALIZED VIEW kept', NULL),
('DROP SCHEMA shop CASCADE',
 'drops a schema with table "shop.basket" (more than 1000 rows)'),
('DROP TYPE mood CASCADE', 'drops a type with column "m" of table "typed" (1 row)'),
('DROP DOMAIN code CASCADE', 'drops a type with column "c" of table "typed" (1 row)'),
('DROP OWNED BY destructive_owner',
 'drops what a role owns, with table "owned" (1 row)'),
('DROP FUNCTION IF EXISTS nowhere()', NULL),
-- columns
('ALTER TABLE a DROP COLUMN name', 'drops column "name" of table "a" (2 rows)'),
('ALTER TABLE a DROP name, ALTER name DROP NOT NULL',
 'drops column "name" of table "a" (2 rows)'),
('ALTER TABLE empty DROP COLUMN name', NULL),
('ALTER TABLE IF EXISTS nowhere DROP COLUMN name', NULL),
('ALTER TABLE a DROP COLUMN IF EXISTS nowhere', NULL),
('ALTER TABLE parted DROP COLUMN what',
 'drops column "what" of table "parted" (1 row)'),
('ALTER TABLE a DROP CONSTRAINT a_pkey CASCADE', NULL),
('ALTER TABLE a ADD COLUMN more int', NULL),
('ALTER TYPE pair DROP ATTRIBUTE second CASCADE',
 'changes the type of column "p" of table "typed" (1 row)'),
-- rows
('TRUNCATE empty', NULL),
('TRUNCATE child', 'empties table "child" (1 row)'),
('TRUNCATE a CASCADE', 'empties table "a" (2 rows), table "child" (1 row)'),
('TRUNCATE ONLY father', NULL),
('TRUNCATE father', 'empties table "father" (1 row)'),
('DELETE FROM child', 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE true', 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE NOT (1 = 2 AND NULL IS NULL)',
 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE random() > 2 OR true',
 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE CAST(1 AS bool)',
 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE CASE WHEN now() > ''2020-01-01'' THEN true END',
 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE ''a'' COLLATE "C" < ''b'' AND 1 IN (1, 2)',
 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE (SELECT true)',
 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE EXISTS (SELECT * FROM a)',
 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE ARRAY[1] && ARRAY[1, 2] AND current_user IS NOT NULL',
 'deletes every row of table "child" (1 row)'),
('DELETE FROM child WHERE abs(id) = 1', NULL),
('DELETE FROM child WHERE child IS NULL', NULL),
('DELETE FROM child WHERE CASE WHEN id = 1 THEN false END', NULL),
('DELETE FROM child WHERE id = 1', NULL),
('DELETE FROM child USING a WHERE a.id = child.a', NULL),
('DELETE FROM empty', NULL),
('DELETE FROM ONLY father', NULL),
('UPDATE a SET name = ''x''', 'updates every row of table "a" (2 rows)'),
('UPDATE a SET name = ''x'' FROM child',
 'updates every row of table "a" (2 rows)'),
('UPDATE a SET name = ''x'' WHERE id > 1', NULL),
('WITH gone AS (DELETE FROM child RETURNING id) SELECT * FROM gone',
 'deletes every row of table "child" (1 row)'),
('WITH gone AS (DELETE FROM child RETURNING id) INSERT INTO empty SELECT id FROM gone',
 'deletes every row of table "child" (1 row)'),
('EXPLAIN DELETE FROM child', NULL),
('EXPLAIN (ANALYZE off) DELETE FROM child', NULL),
('EXPLAIN (ANALYZE false, VERBOSE) DELETE FROM child', NULL),
('EXPLAIN ANALYZE DELETE FROM child',
 'deletes every row of table "child" (1 row)'),
('INSERT INTO empty SELECT 1', NULL),
-- types that lose
('ALTER TABLE a ALTER name TYPE varchar(5)',
 'changes column "name" of table "a" to type character varying(5), which can lose data (2 rows)'),
('ALTER TABLE a ALTER id TYPE smallint',
 'changes column "id" of table "a" to type smallint, which can lose data (2 rows)'),
('ALTER TABLE a ALTER id TYPE text USING ''x''',
 'changes column "id" of table "a" to type text, which can lose data (2 rows)'),
('ALTER TABLE a ALTER price TYPE numeric(7, 2)',
 'changes column "price" of table "a" to type numeric(7,2), which can lose data (2 rows)'),
('ALTER TABLE a ALTER price TYPE numeric(10, 1)',
 'changes column "price" of table "a" to type numeric(10,1), which can lose data (2 rows)'),
('ALTER TABLE a ALTER price TYPE int',
 'changes column "price" of table "a" to type integer, which can lose data (2 rows)'),
('ALTER TABLE a ALTER at TYPE date',
 'changes column "at" of table "a" to type date, which can lose data (2 rows)'),
('ALTER TABLE a ALTER at TYPE timestamptz(0)',
 'changes column "at" of table "a" to type timestamp(0) with time zone, which can lose data (2 rows)'),
('ALTER TABLE a ALTER tags TYPE smallint[]',
 'changes column "tags" of table "a" to type smallint[], which can lose data (2 rows)'),
('ALTER TABLE empty ALTER name TYPE varchar(5)', NULL),
-- types that keep all
('ALTER TABLE a ALTER name TYPE varchar(20)', NULL),
('ALTER TABLE a ALTER name TYPE text', NULL),
('ALTER TABLE a ALTER id TYPE bigint', NULL),
('ALTER TABLE a ALTER id TYPE numeric', NULL),
('ALTER TABLE a ALTER id TYPE numeric(10)', NULL),
('ALTER TABLE a ALTER price TYPE numeric(9, 2)', NULL),
('ALTER TABLE a ALTER price TYPE numeric(10, 4)', NULL),
('ALTER TABLE a ALTER price TYPE numeric', NULL),
('ALTER TABLE a ALTER day TYPE timestamp', NULL),
('ALTER TABLE a ALTER tags TYPE bigint[]', NULL),
('ALTER TABLE typed ALTER m TYPE text', NULL),
('ALTER TABLE typed ALTER c TYPE varchar(9)', NULL);

-- What the plan says.
CREATE FUNCTION noted(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_add('1', statement);
    RETURN (SELECT note FROM migrate_plan());
END $$;

-- What happens where it is protected; nothing of it stays.
CREATE FUNCTION refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_add('1', statement);
    PERFORM migrate_config('environment', 'production');
    PERFORM migrate_config('confirm', current_database()::text);
    PERFORM migrate_apply();
    RAISE 'passed';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;

SELECT plan((2 * count(*))::int + 28) FROM cases;
SELECT is(noted(statement), 'destructive: ' || loses, statement)
FROM cases ORDER BY number;
SELECT is(refused(statement),
          coalesce('migration "1" is refused at line 1: it ' || loses ||
                   ', and environment "production" is protected', 'passed'),
          'protected: ' || statement)
FROM cases ORDER BY number;

-- Rows that the migration has brought count, in the schema that it runs in.
SELECT is(refused('CREATE TABLE made (id int); INSERT INTO made VALUES (1);
DROP TABLE made'),
    'migration "1" failed at line 2: it drops table "made" (1 row), and '
    'environment "production" is protected', 'rows that it has brought');
SELECT is(refused('DO $$BEGIN
    BEGIN TRUNCATE child; EXCEPTION WHEN OTHERS THEN END;
    PERFORM migrate_version();
END$$'), 'migration "1" failed at line 1: it empties table "child" (1 row), and '
    'the environment is protected', 'caught, and forgotten by no other call');
SELECT is(refused('SET search_path = shop; DROP TABLE basket'),
    'migration "1" failed at line 1: it drops table "basket" (more than 1000 '
    'rows), and environment "production" is protected',
    'names are found as the statement finds them');
CREATE TABLE shop.child (id int);
SELECT is(refused('SET search_path = shop; DROP TABLE child'), 'passed',
    'not as another one would');
SELECT is(refused('SELECT set_config(''search_path'', ''shop'', false);
DROP TABLE child'), 'passed', 'likewise');

-- Subqueries are told from columns once the statement runs.
CREATE FUNCTION late(condition text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(noted('DELETE FROM child WHERE ' || condition), 'nothing')
        || ', ' || CASE refused('DELETE FROM child WHERE ' || condition)
        WHEN 'passed' THEN 'passed'
        WHEN 'migration "1" failed at line 1: it deletes every row of table '
             '"child" (1 row), and environment "production" is protected'
        THEN 'refused' ELSE refused('DELETE FROM child WHERE ' || condition)
        END $$;
SELECT is(late(condition), 'nothing, refused', condition)
FROM (VALUES ('EXISTS (SELECT 1 FROM a WHERE a.id = 1)'),
    ('EXISTS (SELECT 1 FROM a WHERE name = ''one'')'),
    ('EXISTS (SELECT 1 FROM child WHERE id = 1)'),
    ('1 IN (SELECT a.id FROM a)'),
    ('1 < (WITH x AS (SELECT max(a.id) AS y FROM a) SELECT y FROM x)'))
    AS c (condition);
SELECT is(late(condition), 'nothing, passed', condition)
FROM (VALUES ('EXISTS (SELECT 1 FROM a WHERE a.id = child.a)'),
    ('EXISTS (SELECT 1 FROM empty WHERE child.id = 1)'),
    ('a IN (SELECT a.id FROM a)'),
    ('EXISTS (SELECT 1 FROM empty WHERE a = 1)')) AS c (condition);
SELECT is(late('EXISTS (SELECT 1 FROM nowhere WHERE x = 1)'),
    'nothing, migration "1" failed at line 1: relation "nowhere" does not exist',
    'what the server does not know');
SELECT is(refused(statement),
    'migration "1" failed at line 1: it deletes every row of table "child" '
    '(1 row), and environment "production" is protected', statement)
FROM (VALUES ('DELETE FROM child USING a WHERE a.id = 1'),
    ('DELETE FROM child USING child AS c, a WHERE a.id = c.a'),
    ('DELETE FROM child USING a JOIN child AS c ON c.a = a.id WHERE name > ''a'''),
    -- What another part of the statement chooses says nothing of this one.
    ('WITH x AS (DELETE FROM empty WHERE id = 1 RETURNING id)
      DELETE FROM child USING a WHERE a.id > 0'),
    ('WITH x AS (DELETE FROM child USING a WHERE a.id > 0)
      UPDATE empty SET id = 2 WHERE id = 1'),
    ('WITH x AS (UPDATE child SET a = NULL WHERE id = 1)
      DELETE FROM child USING a WHERE a.id > 0'))
    AS c (statement);
SELECT is(refused(statement), 'passed', statement)
FROM (VALUES ('DELETE FROM child AS c USING a WHERE a.id = c.a'),
    ('DELETE FROM child USING a AS b WHERE child.id = 1'),
    ('DELETE FROM child USING a WHERE EXISTS (SELECT child.a = a.id)'),
    ('WITH x AS (DELETE FROM child USING a WHERE a.id = child.a RETURNING child.id)
      DELETE FROM empty USING x WHERE x.id > 0'))
    AS c (statement);
SELECT is(refused('DROP TABLE nowhere'),
    'migration "1" failed at line 1: table "nowhere" does not exist',
    'what is not there is the server''s affair');
SELECT migrate_config('target_schema', 'shop');
SELECT is(noted('DROP TABLE basket'),
    'destructive: drops table "shop.basket" (more than 1000 rows)',
    'the plan looks in the target schema');
SELECT is((SELECT count(*) FROM shop.basket), 2000::bigint, 'all is there');

SELECT * FROM finish();
ROLLBACK;
