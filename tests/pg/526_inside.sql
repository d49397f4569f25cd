-- Rows that are changed inside of other statements, where it is protected.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION migrate;

CREATE TABLE a (id int PRIMARY KEY, name text);
INSERT INTO a VALUES (1, 'one'), (2, 'two');
CREATE TABLE child (id int, a int REFERENCES a ON DELETE CASCADE);
INSERT INTO child VALUES (1, 1);
CREATE TABLE empty (id int);
CREATE TABLE later (id int);
CREATE TABLE parted (id int) PARTITION BY LIST (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2);
INSERT INTO parted VALUES (1);
CREATE TABLE father (id int);
CREATE TABLE son () INHERITS (father);
INSERT INTO son VALUES (1);
CREATE TEMPORARY TABLE passing (id int);
INSERT INTO passing VALUES (1);
CREATE TABLE hidden (id int);
INSERT INTO hidden VALUES (1);
ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
ALTER TABLE hidden FORCE ROW LEVEL SECURITY;
CREATE POLICY low ON hidden USING (id < 10);

-- Views: with a condition, over another one, behind a barrier, with a trigger.
CREATE VIEW ones AS SELECT id, name FROM a WHERE name = 'one' AND id < 10;
CREATE VIEW low_ones AS SELECT id AS number FROM ones WHERE id < 5;
CREATE VIEW barrier WITH (security_barrier) AS SELECT id FROM a WHERE id > 1;
CREATE VIEW nobody AS SELECT id FROM a WHERE id > 7;
CREATE VIEW behind AS SELECT id, count(*) AS rows FROM a GROUP BY id;
CREATE VIEW inner_odd AS SELECT id, name FROM a WHERE id < 10;
CREATE RULE odd AS ON DELETE TO inner_odd WHERE old.id = 3 DO INSTEAD NOTHING;
CREATE VIEW odd AS SELECT id, name FROM inner_odd WHERE id < 10;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RETURN NULL; END';
CREATE TRIGGER behind INSTEAD OF DELETE OR UPDATE ON behind
    FOR EACH ROW EXECUTE FUNCTION nothing();

-- Ways to run a statement inside of another.
CREATE FUNCTION clears() RETURNS void LANGUAGE plpgsql AS
    'BEGIN DELETE FROM child; END';
CREATE FUNCTION clears_sql() RETURNS void LANGUAGE sql AS 'DELETE FROM child';
CREATE FUNCTION clears_some(which int) RETURNS void LANGUAGE plpgsql AS
    'BEGIN DELETE FROM child WHERE child.id = which; END';
CREATE FUNCTION clears_if(really boolean) RETURNS void LANGUAGE plpgsql AS
    'BEGIN DELETE FROM child WHERE really; END';
CREATE PROCEDURE clears_called() LANGUAGE plpgsql AS
    'BEGIN PERFORM clears(); END';
CREATE FUNCTION clears_later() RETURNS void LANGUAGE plpgsql AS
    'BEGIN DELETE FROM later; END';
CREATE FUNCTION fills_and_clears() RETURNS void LANGUAGE sql AS
    'INSERT INTO later VALUES (1); DELETE FROM later';
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 140000 THEN
        EXECUTE 'CREATE FUNCTION clears_atomic() RETURNS void LANGUAGE sql '
            'BEGIN ATOMIC DELETE FROM child; END';
    ELSE
        CREATE FUNCTION clears_atomic() RETURNS void LANGUAGE sql AS
            'DELETE FROM child';
    END IF;
END $$;
CREATE FUNCTION on_write() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN DELETE FROM child; RETURN NULL; END';
CREATE TABLE watched (id int);
CREATE TRIGGER watched AFTER INSERT ON watched
    FOR EACH ROW EXECUTE FUNCTION on_write();
CREATE TABLE deferred (id int);
CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON deferred
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION on_write();
CREATE TABLE ruled (id int);
CREATE RULE clears AS ON INSERT TO ruled DO ALSO DELETE FROM child;
CREATE RULE chosen AS ON UPDATE TO ruled
    DO ALSO DELETE FROM child WHERE id = old.id;
CREATE RULE all_of_it AS ON DELETE TO ruled DO ALSO UPDATE a SET name = 'x';
CREATE VIEW ruled_view AS SELECT id FROM empty;
CREATE RULE other AS ON INSERT TO ruled_view DO INSTEAD DELETE FROM child;
CREATE SCHEMA shop;
CREATE TABLE shop.basket (id int);
INSERT INTO shop.basket SELECT generate_series(1, 2000);
CREATE VIEW shop.first AS SELECT id FROM shop.basket WHERE id < 5;
CREATE TABLE counter (id int);
CREATE RULE first AS ON INSERT TO counter
    DO ALSO DELETE FROM shop.first WHERE id = new.id;
CREATE ROLE inside_writer;
GRANT INSERT ON counter TO inside_writer;

-- Plans that are there before the run, made while there was nothing to lose.
SELECT clears_later();
PREPARE kept AS DELETE FROM later;
EXECUTE kept;

CREATE TEMPORARY TABLE cases (
    number int GENERATED ALWAYS AS IDENTITY, statement text, loses text);
INSERT INTO cases (statement, loses) VALUES
-- ways
('SELECT clears()', 'deletes every row of table "child" (1 row)'),
('SELECT clears_sql()', 'deletes every row of table "child" (1 row)'),
('SELECT clears_atomic()', 'deletes every row of table "child" (1 row)'),
('CALL clears_called()', 'deletes every row of table "child" (1 row)'),
('INSERT INTO watched VALUES (1)', 'deletes every row of table "child" (1 row)'),
('INSERT INTO ruled VALUES (1)', 'deletes every row of table "child" (1 row)'),
('INSERT INTO ruled_view VALUES (1)',
 'deletes every row of table "child" (1 row)'),
('UPDATE ruled SET id = 2 WHERE id = 1', NULL),
('DELETE FROM ruled WHERE id = 1', 'updates every row of table "a" (2 rows)'),
('SELECT clears_some(1)', NULL),
('SELECT clears_if(true)', 'deletes every row of table "child" (1 row)'),
('DO ''BEGIN EXECUTE ''''DELETE FROM child''''; END''',
 'deletes every row of table "child" (1 row)'),
('DO ''BEGIN EXECUTE ''''DELETE FROM child WHERE $1 > 0'''' USING 1; END''',
 'deletes every row of table "child" (1 row)'),
('DO ''BEGIN EXECUTE ''''EXPLAIN DELETE FROM child''''; END''', NULL),
('DO ''BEGIN EXECUTE ''''EXPLAIN ANALYZE DELETE FROM child''''; END''',
 'deletes every row of table "child" (1 row)'),
('DO ''BEGIN EXECUTE ''''PREPARE p AS DELETE FROM child''''; END''',
 NULL),
('DO ''BEGIN EXECUTE ''''PREPARE p AS DELETE FROM child''''; '
 'EXECUTE ''''EXECUTE p''''; END''',
 'deletes every row of table "child" (1 row)'),
('DO ''BEGIN BEGIN DELETE FROM child; EXCEPTION WHEN OTHERS THEN END; END''',
 'deletes every row of table "child" (1 row)'),
('DO ''BEGIN BEGIN DELETE FROM child; EXCEPTION WHEN OTHERS THEN END; '
 'PERFORM migrate_version(); END''',
 'deletes every row of table "child" (1 row)'),
('DO ''BEGIN BEGIN TRUNCATE child; EXCEPTION WHEN OTHERS THEN END; '
 'PERFORM migrate_version(); END''', 'empties table "child" (1 row)'),
-- plans that are kept
('INSERT INTO later VALUES (1); SELECT clears_later()',
 'deletes every row of table "later" (1 row)'),
('INSERT INTO later VALUES (1); EXECUTE kept',
 'deletes every row of table "later" (1 row)'),
('DO ''BEGIN PERFORM clears_later(); INSERT INTO later VALUES (1); '
 'PERFORM clears_later(); END''', 'deletes every row of table "later" (1 row)'),
('SELECT fills_and_clears()', 'deletes every row of table "later" (1 row)'),
('SELECT clears_later()', NULL),
('EXECUTE kept', NULL),
-- the statement that a DO block runs
('in DELETE FROM empty', NULL),
('in DELETE FROM passing', NULL),
('in DELETE FROM shop.basket',
 'deletes every row of table "shop.basket" (more than 1000 rows)'),
('in DELETE FROM hidden', 'deletes every row of table "hidden" (1 row)'),
('in DELETE FROM parted', 'deletes every row of table "parted" (1 row)'),
('in DELETE FROM parted_1', 'deletes every row of table "parted_1" (1 row)'),
('in DELETE FROM parted_2', NULL),
('in DELETE FROM father', 'deletes every row of table "father" (1 row)'),
('in DELETE FROM ONLY father', NULL),
('in DELETE FROM child WHERE true',
 'deletes every row of table "child" (1 row)'),
('in DELETE FROM child WHERE 1 = 1',
 'deletes every row of table "child" (1 row)'),
('in DELETE FROM child WHERE random() < 2 AND (SELECT true)',
 'deletes every row of table "child" (1 row)'),
('in DELETE FROM child WHERE EXISTS (SELECT FROM a WHERE id = 1)',
 'deletes every row of table "child" (1 row)'),
('in DELETE FROM child WHERE EXISTS (SELECT FROM a WHERE a.id = child.a)', NULL),
('in DELETE FROM child WHERE a IN (SELECT id FROM a)', NULL),
('in DELETE FROM child USING a WHERE a.id = 1',
 'deletes every row of table "child" (1 row)'),
('in DELETE FROM child USING a JOIN child AS c ON c.a = a.id',
 'deletes every row of table "child" (1 row)'),
('in DELETE FROM child USING a WHERE a.id = child.a', NULL),
('in DELETE FROM child WHERE child IS NULL', NULL),
('in DELETE FROM child WHERE ctid = ''(0,1)''', NULL),
('in OPEN rows; MOVE rows; DELETE FROM child WHERE CURRENT OF rows', NULL),
('in UPDATE a SET name = ''x''', 'updates every row of table "a" (2 rows)'),
('in UPDATE a SET name = ''x'' FROM child WHERE child.id = 1',
 'updates every row of table "a" (2 rows)'),
('in UPDATE a SET name = ''x'' FROM child WHERE child.a = a.id', NULL),
('in UPDATE a SET name = ''x'' WHERE id = 1', NULL),
('in INSERT INTO a VALUES (1, ''x'') ON CONFLICT (id) DO UPDATE SET name = ''y''',
 NULL),
('in WITH gone AS (DELETE FROM child RETURNING id) '
 'INSERT INTO empty SELECT id FROM gone',
 'deletes every row of table "child" (1 row)'),
('in WITH gone AS (DELETE FROM child RETURNING id) '
 'UPDATE a SET name = ''x'' FROM gone',
 'deletes every row of table "child" (1 row), table "a" (2 rows)'),
('in WITH gone AS (DELETE FROM child WHERE id = 1 RETURNING id) '
 'UPDATE a SET name = ''x'' FROM gone WHERE gone.id = a.id', NULL),
('in FOR one IN DELETE FROM child RETURNING id LOOP END LOOP',
 'deletes every row of table "child" (1 row)'),
('in DELETE FROM a WHERE id = 1', NULL), -- and what CASCADE adds
-- views
('in DELETE FROM ones', 'deletes every row of view "ones" (1 row)'),
('in DELETE FROM ones WHERE name = ''one''', NULL),
('in DELETE FROM ones WHERE id = 1', NULL),
('in UPDATE ones SET name = ''x''', 'updates every row of view "ones" (1 row)'),
('in DELETE FROM ones USING child WHERE child.id = 1',
 'deletes every row of view "ones" (1 row)'),
('in DELETE FROM ones USING child WHERE child.a = ones.id', NULL),
('in DELETE FROM low_ones', 'deletes every row of view "low_ones" (1 row)'),
('in DELETE FROM low_ones WHERE number = 1', NULL),
('in DELETE FROM barrier', 'deletes every row of view "barrier" (1 row)'),
('in DELETE FROM barrier WHERE id = 2', NULL),
('in DELETE FROM nobody', NULL),
('in UPDATE odd SET name = ''x'' WHERE id = 1', NULL), -- no DELETE is possible
('in DELETE FROM behind', 'deletes every row of view "behind" (2 rows)'),
('in DELETE FROM behind WHERE id = 2', NULL),
('in UPDATE behind SET rows = 2 FROM child WHERE child.a = behind.id', NULL),
('in DELETE FROM behind USING child WHERE child.id = 1',
 'deletes every row of view "behind" (2 rows)');

INSERT INTO cases (statement, loses)
SELECT statement, loses FROM (VALUES
('in MERGE INTO a USING child ON true WHEN MATCHED THEN DELETE',
 'deletes every row of table "a" (2 rows)'),
('in MERGE INTO a USING child ON child.id = 1 '
 'WHEN MATCHED AND child.id > 0 THEN UPDATE SET name = ''x''',
 'updates every row of table "a" (2 rows)'),
('in MERGE INTO a USING child ON true '
 'WHEN NOT MATCHED THEN INSERT VALUES (child.id) '
 'WHEN MATCHED AND a.id = 1 THEN DELETE WHEN MATCHED THEN DO NOTHING', NULL),
('in MERGE INTO a USING child ON child.a = a.id WHEN MATCHED THEN DELETE', NULL)
) AS c (statement, loses)
WHERE current_setting('server_version_num')::int >= 150000;
INSERT INTO cases (statement, loses)
SELECT statement, loses FROM (VALUES
('in MERGE INTO ones USING child ON true WHEN MATCHED THEN DELETE',
 'deletes every row of view "ones" (1 row)'),
('in MERGE INTO ones USING child ON child.a = ones.id '
 'WHEN MATCHED THEN DELETE', NULL),
('in MERGE INTO behind USING child ON true '
 'WHEN MATCHED THEN UPDATE SET rows = 2',
 'updates every row of view "behind" (2 rows)'),
('in MERGE INTO behind USING child ON child.a = behind.id '
 'WHEN MATCHED THEN DELETE', NULL)
) AS c (statement, loses)
WHERE current_setting('server_version_num')::int >= 170000;

-- The statement of a case, as it stands in a migration.
CREATE FUNCTION migration(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN statement LIKE 'in %'
        THEN 'DO ' || quote_literal('DECLARE one record; rows CURSOR FOR '
            'SELECT id FROM child; BEGIN ' || substr(statement, 4) || '; END')
        ELSE statement END $$;

-- What happens; nothing of it stays.
CREATE FUNCTION run(environment text, statement text) RETURNS text
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_add('1', statement);
    PERFORM migrate_config('environment', environment);
    PERFORM migrate_config('confirm', current_database()::text);
    PERFORM migrate_apply();
    RAISE 'passed';
EXCEPTION WHEN OTHERS THEN
    IF EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'p') THEN
        EXECUTE 'DEALLOCATE p'; -- which no rollback does
    END IF;
    RETURN SQLERRM;
END $$;

SELECT plan((3 * count(*))::int + 14) FROM cases;
SELECT is(run('production', migration(statement)),
          coalesce('migration "1" failed at line 1: it ' || loses ||
                   ', and the environment is protected', 'passed'), statement)
FROM cases ORDER BY number;
SELECT is(run('test', migration(statement)), 'passed', 'elsewhere: ' || statement)
FROM cases ORDER BY number;
SELECT is(run('production',
              E'-- migrate:destructive\n' || migration(statement)),
          'passed', 'marked: ' || statement)
FROM cases ORDER BY number;

-- Deferred triggers belong to the migration.
SELECT is(run('production', 'INSERT INTO deferred VALUES (1)'),
    'migration "1" failed at its end: it deletes every row of table "child" '
    '(1 row), and the environment is protected', 'a deferred trigger');
SELECT is(run('test', 'INSERT INTO deferred VALUES (1)'), 'passed',
    'elsewhere: a deferred trigger');

-- A statement of the migration itself is looked at once, as it was written.
SELECT is(run('production', 'DELETE FROM child'),
    'migration "1" is refused at line 1: it deletes every row of table "child" '
    '(1 row), and environment "production" is protected', 'before the run');
SELECT is(run('production', statement), 'passed', statement)
FROM (VALUES ('DELETE FROM child WHERE id = 1'), ('DELETE FROM empty'),
             ('DELETE FROM ones WHERE id = 1'),
             ('DELETE FROM ones WHERE name = ''one'''),
             ('DELETE FROM behind WHERE id = 1'),
             ('DELETE FROM behind USING child WHERE child.a = behind.id'),
             ('DROP TABLE empty CASCADE'),
             ('SET ROLE inside_writer; INSERT INTO counter VALUES (1)'))
    AS c (statement);
SELECT is(run('production', statement),
    'migration "1" failed at line 1: it deletes every row of view "ones" '
    '(1 row), and environment "production" is protected', statement)
FROM (VALUES ('DELETE FROM ones USING child WHERE child.id = 1'),
             ('DELETE FROM ones WHERE EXISTS (SELECT FROM a WHERE id = 1)'))
    AS c (statement);

-- A run leaves nothing behind in its session.
SELECT run('production', 'SELECT clears()');
SELECT clears();
SELECT is((SELECT count(*) FROM child), 0::bigint, 'outside of a run it may');

SELECT * FROM finish();
ROLLBACK;
