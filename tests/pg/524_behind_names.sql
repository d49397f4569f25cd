-- Rows that are reached through a view, by MERGE, a function, or from within one.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION migrate;

CREATE TABLE a (id int PRIMARY KEY, name text, old bool DEFAULT false);
INSERT INTO a VALUES (1, 'one'), (2, 'two');
CREATE TABLE b (id int, more int);
INSERT INTO b VALUES (1, 1);
CREATE VIEW plain AS SELECT id, name FROM a;
CREATE VIEW over_it AS SELECT id FROM plain WHERE id > 1;
CREATE VIEW none AS SELECT id FROM a WHERE id > 2;
CREATE VIEW grouped AS SELECT name, count(*) FROM a GROUP BY name;
CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM a WHERE name = OLD.name;
    RETURN OLD;
END $$;
CREATE TRIGGER gone INSTEAD OF DELETE ON grouped
    FOR EACH ROW EXECUTE FUNCTION instead();
CREATE FUNCTION part(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
    'BEGIN RETURN id; END';
CREATE FUNCTION twice(id int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION twice(id text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE parted (id int) PARTITION BY LIST (part(id));
CREATE TABLE parted_1 PARTITION OF parted DEFAULT;
INSERT INTO parted VALUES (1);
CREATE VIEW broken AS SELECT id FROM a WHERE 1 / (id - 1) > 0;

-- What happens where it is protected; nothing of it stays.
CREATE FUNCTION refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_add('1', statement);
    PERFORM migrate_config('environment', 'production');
    PERFORM migrate_config('confirm', current_database()::text);
    PERFORM migrate_apply();
    RAISE 'passed';
EXCEPTION WHEN OTHERS THEN
    RETURN regexp_replace(SQLERRM,
        '^migration "1" (is refused|failed) at line 1: it (.*), and '
        'environment "production" is protected$', '\1: \2');
END $$;
CREATE FUNCTION noted(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_add('1', statement);
    RETURN (SELECT note FROM migrate_plan());
END $$;

CREATE TEMPORARY TABLE cases (
    number int GENERATED ALWAYS AS IDENTITY, statement text, loses text);
INSERT INTO cases (statement, loses) VALUES
('DELETE FROM plain', 'failed: deletes every row of view "plain" (2 rows)'),
('DELETE FROM over_it', 'failed: deletes every row of view "over_it" (1 row)'),
('UPDATE plain SET name = ''x''',
 'failed: updates every row of view "plain" (2 rows)'),
('DELETE FROM plain WHERE true',
 'failed: deletes every row of view "plain" (2 rows)'),
('DELETE FROM grouped', 'failed: deletes every row of view "grouped" (2 rows)'),
('DELETE FROM broken',
 'failed: deletes every row of view "broken" (rows not counted)'),
('WITH gone AS (DELETE FROM plain RETURNING id) SELECT * FROM gone',
 'failed: deletes every row of view "plain" (2 rows)'),
('DELETE FROM none', 'passed'),
('DELETE FROM plain WHERE id = 1', 'passed'),
('DELETE FROM grouped WHERE name = ''one''', 'passed'),
('DROP VIEW over_it', 'passed'),
-- A partitioned table goes with a function in its key.
('DROP FUNCTION part CASCADE',
 'is refused: drops a function with table "parted" (1 row)'),
('DROP FUNCTION public.part(pg_catalog.int4) CASCADE',
 'is refused: drops a function with table "parted" (1 row)'),
('DROP ROUTINE IF EXISTS nowhere, nowhere(int), part(nowhere) CASCADE',
 'passed'),
('DROP FUNCTION IF EXISTS part(text) CASCADE', 'passed'),
('DROP FUNCTION twice CASCADE',
 'migration "1" failed at line 1: function name "twice" is not unique'),
('DROP FUNCTION twice(int), twice(text)', 'passed');

CREATE TEMPORARY TABLE merges (
    number int GENERATED ALWAYS AS IDENTITY, clauses text, loses text);
INSERT INTO merges (clauses, loses) VALUES
('a USING b ON true WHEN MATCHED THEN DELETE',
 'is refused: deletes every row of table "a" (2 rows)'),
('a USING b ON b.id = 1 WHEN MATCHED THEN UPDATE SET name = ''x''',
 'is refused: updates every row of table "a" (2 rows)'),
('a AS t USING b AS a ON a.id = 1 WHEN MATCHED AND a.more = 1 THEN DELETE',
 'is refused: deletes every row of table "a" (2 rows)'),
('a USING (SELECT 1 AS id) AS s ON true WHEN NOT MATCHED AND id > 0 THEN
  INSERT VALUES (3) WHEN MATCHED THEN DELETE',
 'is refused: deletes every row of table "a" (2 rows)'),
('a USING b ON more = 1 WHEN MATCHED THEN DELETE',
 'failed: deletes every row of table "a" (2 rows)'),
('a USING b ON false WHEN MATCHED THEN DO NOTHING
  WHEN NOT MATCHED THEN INSERT (id) VALUES (b.id + 9)', 'passed'),
('a USING b ON b.id = a.id WHEN MATCHED THEN DELETE', 'passed'),
('a AS t USING b ON t.id = more WHEN MATCHED THEN DELETE', 'passed'),
('a USING b ON name = ''one'' WHEN MATCHED THEN DELETE', 'passed'),
('a USING b ON true WHEN MATCHED AND old THEN DELETE', 'passed'),
('a USING b ON true WHEN MATCHED AND a.id = 1 THEN DO NOTHING
  WHEN MATCHED THEN DELETE', 'passed');
-- 13 and 14 have no MERGE.
DELETE FROM merges WHERE current_setting('server_version_num')::int < 150000;

SELECT plan((SELECT count(*) FROM cases)::int +
            (SELECT count(*) FROM merges)::int + 16);
SELECT is(refused(statement), loses, statement) FROM cases ORDER BY number;
SELECT is(refused('MERGE INTO ' || clauses), loses, clauses)
FROM merges ORDER BY number;
SELECT is(noted('DELETE FROM plain'),
    'destructive: deletes every row of view "plain" (rows not counted)',
    'to look at a plan runs nothing of a view');
SELECT is(refused('ALTER TABLE b ADD c int; ALTER TABLE a ADD d int;
DELETE FROM a USING b WHERE d IS NULL'), 'passed', 'a column that comes');
SELECT is((SELECT count(*) FROM a), 2::bigint, 'all is there');
CREATE SCHEMA old;
CREATE TABLE old.kept AS SELECT 1 AS id;
SELECT is(refused('ALTER TABLE old.kept SET SCHEMA public; DROP SCHEMA old CASCADE'),
    'passed', 'what is taken out of a schema is not held against its drop');
SELECT is(refused('CREATE TABLE x (id int); DROP SCHEMA old CASCADE'),
    'is refused: drops a schema with table "old.kept" (1 row)', 'else it is');

-- What a statement runs in turn is refused when it is about to be done.
CREATE FUNCTION drops(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'DROP TABLE ' || quote_ident(what);
END $$;
CREATE TABLE empty (id int);
CREATE TABLE trigger_of (id int);
CREATE FUNCTION empties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE b;
    RETURN NULL;
END $$;
CREATE TRIGGER empties AFTER INSERT ON trigger_of
    EXECUTE FUNCTION empties();
CREATE TABLE late (id int);
CREATE CONSTRAINT TRIGGER empties AFTER INSERT ON late
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION empties();
CREATE FUNCTION inner_of(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(refused(statement),
        '^migration "1" failed at (?:line 1|its end): it (.*), and the '
        'environment is protected$', '\1') $$;
SELECT is(inner_of(statement), loses, statement)
FROM (VALUES
    ('INSERT INTO late VALUES (1)', 'empties table "b" (1 row)'),
    ('DO $do$ BEGIN DROP TABLE b; END $do$', 'drops table "b" (1 row)'),
    ('DO $do$ BEGIN EXECUTE ''ALTER TABLE b DROP COLUMN more''; END $do$',
     'drops column "more" of table "b" (1 row)'),
    ('DO $do$ BEGIN ALTER TABLE b ALTER id TYPE smallint; END $do$',
     'changes column "id" of table "b" to type smallint, which can lose data (1 row)'),
    ('SELECT drops(''b'')', 'drops table "b" (1 row)'),
    ('INSERT INTO trigger_of VALUES (1)', 'empties table "b" (1 row)'),
    ('DO $do$ BEGIN PERFORM drops(''b''); EXCEPTION WHEN OTHERS THEN
      INSERT INTO empty SELECT id FROM b; END $do$', 'drops table "b" (1 row)'),
    ('DO $do$ BEGIN DROP TABLE empty; END $do$', 'passed'),
    ('DO $do$ BEGIN CREATE TEMP TABLE t AS SELECT 1; DROP TABLE t; END $do$',
     'passed'),
    ('-- migrate:destructive
SELECT drops(''b'')', 'passed')) AS c (statement, loses);
DO $$ BEGIN PERFORM drops('b'); END $$;
SELECT hasnt_table('b', 'behind a migration nothing is refused');

SELECT * FROM finish();
ROLLBACK;
