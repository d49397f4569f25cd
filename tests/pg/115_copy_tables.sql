-- What COPY ... FROM stdin in a script may write to: what the server's own may.
BEGIN;
SELECT plan(48);
SET client_min_messages = warning;

CREATE EXTENSION migrate;

-- Apply a script anew, and say how it ended.
CREATE FUNCTION outcome(script text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_stamp('base'), migrate_add('1', script);
    PERFORM migrate_apply();
    RETURN 'applied';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || regexp_replace(SQLERRM, '^.* line \d+: ', '');
END $$;

-- Rights
CREATE ROLE clerk;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO clerk;
CREATE TABLE ledger (i int, t text DEFAULT 'none', secret text);
SET ROLE clerk;
SELECT is(outcome(E'COPY ledger FROM stdin;\n1\ta\tb\n\\.\n'),
          '42501 permission denied for table ledger', 'no right');
RESET ROLE;
GRANT INSERT (i, t) ON ledger TO clerk;
SET ROLE clerk;
SELECT is(outcome(E'COPY ledger (i, t) FROM stdin;\n1\ta\n\\.\n'), 'applied',
          'a right to the columns');
SELECT is(outcome(E'COPY ledger FROM stdin;\n2\ta\tb\n\\.\n'),
          '42501 permission denied for table ledger', 'not to all of them');
SELECT is(outcome(E'COPY ledger (i, secret) FROM stdin;\n2\ta\n\\.\n'),
          '42501 permission denied for table ledger', 'not to this one');
RESET ROLE;
SELECT results_eq('SELECT i, t, secret FROM ledger',
                  $$VALUES (1, 'a', NULL::text)$$, 'one row was written');
SELECT is(outcome(E'SET ROLE clerk;\nCOPY ledger FROM stdin;\n2\ta\tb\n\\.\n'),
          '42501 permission denied for table ledger',
          'the role that the script sets counts');
SELECT is(outcome(E'CREATE TABLE early ();\nSET ROLE clerk;\n'
                  'COPY ledger (i) FROM stdin;\n3\n\\.\n'), 'applied',
          'also where it may');

-- Conditions
SELECT CASE WHEN current_setting('server_version_num')::int < 140000
    THEN collect_tap(
        is(outcome(E'COPY ledger FROM stdin WHERE i > 3;\n1\ta\tb\n\\.\n'),
           '0A000 COPY FROM STDIN with WHERE, before PostgreSQL 14, cannot '
           'stand in a migration', 'WHERE is refused before 14'),
        skip('WHERE', 5))
    ELSE collect_tap(
        is(outcome(E'COPY ledger FROM stdin\nWHERE i > 3 AND t <> '';'';\n'
                   '1\ta\tb\n4\tb\tc\n5\t;\t\n\\.\n'), 'applied', 'WHERE'),
        results_eq('SELECT i FROM ledger WHERE secret IS NOT NULL', 'VALUES (4)',
                   'only the rows that meet it are written'),
        is(outcome(E'COPY ledger FROM stdin WHERE i;\n1\ta\tb\n\\.\n'),
           '42804 argument of WHERE must be type boolean, not type integer',
           'WHERE must be boolean'),
        is(outcome(E'COPY ledger FROM stdin WHERE exists (SELECT 1);\n1\n\\.\n'),
           '0A000 cannot use subquery in COPY FROM WHERE condition',
           'and no query'),
        is(outcome(E'SET ROLE clerk;\nCOPY ledger (i) FROM stdin WHERE i > 3;'
                   '\n1\n\\.\n'), '42501 permission denied for table ledger',
           'its columns must be readable'),
        is(outcome(E'CREATE TABLE made (i int, '
                   'd int GENERATED ALWAYS AS (i * 2) STORED);\n'
                   'COPY made FROM stdin WHERE d > 3;\n1\n\\.\n'),
           '42P10 generated columns are not supported in COPY FROM WHERE '
           'conditions', 'nor be generated ones')) END;

-- Row security
CREATE TABLE guarded (i int);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON guarded USING (true);
GRANT INSERT, SELECT ON guarded TO clerk;
SET ROLE clerk;
SELECT is(outcome(E'COPY guarded FROM stdin;\n1\n\\.\n'),
          '0A000 COPY FROM not supported with row-level security',
          'row security');
SELECT is(outcome(E'SET row_security = off;\nCOPY guarded FROM stdin;\n1\n\\.\n'),
          '42501 query would be affected by row-level security policy for '
          'table "guarded"', 'row_security = off');
RESET ROLE;
SELECT is(outcome(E'COPY guarded FROM stdin;\n1\n\\.\n'), 'applied',
          'not for the owner');

-- A transaction that a migration makes read-only
SELECT is(outcome(E'SET LOCAL transaction_read_only = on;\n'
                  'COPY ledger (i) FROM stdin;\n6\n\\.\n'),
          '25006 cannot execute COPY FROM in a read-only transaction',
          'read-only');
SELECT is(outcome(E'CREATE TEMP TABLE brief (i int);\n'
                  'SET LOCAL transaction_read_only = on;\n'
                  'COPY brief FROM stdin;\n6\n\\.\n'
                  'SET LOCAL transaction_read_only = off;'),
          '25001 cannot set transaction read-write mode inside a read-only '
          'transaction', 'a temporary table can be written, before the error');

-- Kinds of tables and columns
SELECT is(outcome(E'CREATE TABLE counted (\n'
                  '    id int GENERATED ALWAYS AS IDENTITY, t text,\n'
                  '    twice text GENERATED ALWAYS AS (t || t) STORED);\n'
                  'COPY counted (t) FROM stdin;\na\nb\n\\.\n'
                  'COPY counted (id, t) FROM stdin;\n7\tc\n\\.\n'),
          'applied', 'identity and generated columns');
SELECT results_eq('SELECT id, twice FROM counted ORDER BY id',
                  $$VALUES (1, 'aa'), (2, 'bb'), (7, 'cc')$$, 'are filled');
SELECT is(outcome(E'COPY counted (twice) FROM stdin;\na\n\\.\n'),
          '42P10 column "twice" is a generated column',
          'and cannot be given');
SELECT is(outcome(E'CREATE TABLE whole (i int, t text) PARTITION BY RANGE (i);\n'
                  'CREATE TABLE low PARTITION OF whole FOR VALUES FROM (0) TO (9);\n'
                  'CREATE TABLE high PARTITION OF whole FOR VALUES FROM (9) TO (99);\n'
                  'COPY whole FROM stdin;\n1\ta\n10\tb\n2\tc\n\\.\n'),
          'applied', 'a partitioned table');
SELECT results_eq('SELECT tableoid::regclass::text, count(*) FROM whole '
                  'GROUP BY 1 ORDER BY 1',
                  $$VALUES ('high', 1::bigint), ('low', 2)$$,
                  'each row is in its partition');
SELECT is(outcome(E'COPY whole FROM stdin;\n100\ta\n\\.\n'),
          '23514 no partition of relation "whole" found for row',
          'a row without one');

CREATE TABLE log (note text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log VALUES (concat_ws(' ', tg_name, new.i));
    IF tg_when = 'BEFORE' THEN
        new.t := upper(new.t);
    END IF;
    RETURN CASE WHEN new.i = 0 THEN NULL ELSE new END;
END $$;
CREATE TABLE watched (i int, t text);
CREATE TRIGGER before_row BEFORE INSERT ON watched
    FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER zafter_row AFTER INSERT ON watched
    FOR EACH ROW EXECUTE FUNCTION note();
SELECT is(outcome(E'COPY watched FROM stdin;\n1\ta\n0\tb\n\\.\n'), 'applied',
          'triggers');
SELECT results_eq('TABLE watched', $$VALUES (1, 'A')$$, 'can change the row');
SELECT results_eq('TABLE log',
                  $$VALUES ('before_row 1'), ('before_row 0'), ('zafter_row 1')$$,
                  'and are run as always');
CREATE VIEW shown AS SELECT i, t FROM watched;
SELECT is(outcome(E'COPY shown FROM stdin;\n1\ta\n\\.\n'),
          '42809 cannot copy to view "shown"', 'a view');
CREATE TRIGGER instead INSTEAD OF INSERT ON shown
    FOR EACH ROW EXECUTE FUNCTION note();
SELECT is(outcome(E'COPY shown FROM stdin;\n5\ta\n\\.\n'), 'applied',
          'a view with an INSTEAD OF trigger');
SELECT is((SELECT count(*)::int FROM log WHERE note = 'instead 5'), 1,
          'which is run');
SELECT is(outcome(E'CREATE TEMP TABLE brief (i int) ON COMMIT DROP;\n'
                  'COPY brief FROM stdin;\n1\n\\.\n'
                  'INSERT INTO log SELECT ''brief '' || i FROM brief;'),
          'applied', 'a temporary table');
SELECT is((SELECT count(*)::int FROM log WHERE note = 'brief 1'), 1,
          'which the next statement reads');
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE outside (i int) SERVER files OPTIONS (filename '/dev/null');
SELECT is(outcome(E'COPY outside FROM stdin;\n1\n\\.\n'),
          '0A000 cannot insert into foreign table "outside"',
          'a foreign table is the affair of its wrapper');
SELECT is(outcome(E'CREATE MATERIALIZED VIEW kept AS SELECT 1 AS i;\n'
                  'COPY kept FROM stdin;\n1\n\\.\n'),
          '42809 cannot copy to materialized view "kept"',
          'a materialized view');
SELECT is(outcome(E'CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS\n'
                  '''BEGIN PERFORM migrate_apply(); END'';\n'
                  'CREATE TRIGGER again BEFORE INSERT ON ledger\n'
                  'FOR EACH ROW EXECUTE FUNCTION again();\n'
                  'COPY ledger FROM stdin;\n1\ta\tb\n\\.\n'),
          '55000 a migration cannot call migrate_apply itself',
          'a trigger cannot migrate');

-- Deferred constraints
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
SELECT is(outcome(E'COPY child FROM stdin;\n1\n\\.\nCOPY parent FROM stdin;\n1\n'
                  '\\.\n'), 'applied', 'a deferred constraint that holds');
SELECT is(outcome(E'COPY child FROM stdin;\n2\n\\.\n'),
          '23503 migration "1" failed at its end: insert or update on table '
          '"child" violates foreign key constraint "child_id_fkey"',
          'one that does not');

-- The text is that of the database, whatever the client's encoding is.
SELECT is(outcome(E'SET client_encoding = ''LATIN1'';\nDELETE FROM log;\n'
                  'COPY log FROM stdin;\nä€\n\\.\n'), 'applied',
          'another encoding of the client');
SELECT results_eq('TABLE log', $$VALUES ('ä€')$$, 'plays no part');
SELECT is(outcome(E'DELETE FROM log;\n'
                  'COPY log FROM stdin (ENCODING ''LATIN1'');\nä\n\\.\n'),
          'applied', 'one that COPY names');
SELECT results_eq('TABLE log', $$VALUES ('Ã¤')$$, 'is taken');

-- Not only up sections
SELECT migrate_config('project', 'sections');
SELECT migrate_add('1', E'-- migrate:up\nCREATE TABLE both_ways (i int);\n'
                        'COPY both_ways FROM stdin;\n1\n\\.\n'
                        '-- migrate:down\nDROP TABLE both_ways;\n'
                        'COPY log FROM stdin;\nundone\n\\.\n'
                        '-- migrate:verify\n'
                        'SELECT count(*) = 1 FROM both_ways;\n');
SELECT is(migrate_apply(), 1, 'in sections of a file');
SELECT is(migrate_rollback(), 1, 'in a down section');
SELECT ok(EXISTS (SELECT 1 FROM log WHERE note = 'undone'), 'which is run');
SELECT migrate_add('1', E'-- migrate:up\nCREATE TABLE both_ways (i int);\n'
                        '-- migrate:verify\nCOPY both_ways FROM stdin;\n1\n'
                        '\\.\n');
SELECT throws_like('SELECT migrate_apply()',
                   '%failed at line 4: a verify section holds queries only',
                   'not in a verify section');

-- What is planned shows no data, and the lines of the file.
SELECT migrate_add('1', E'SELECT 1;\nCOPY log FROM stdin;\na\nb\n\\.\n\n'
                        'SELECT 2;\nCOPY log\nFROM stdin;\n\\.\nSELECT 3');
SELECT results_eq('SELECT line, sql FROM migrate_plan()',
                  $$VALUES (1::bigint, 'SELECT 1'), (2, 'COPY log FROM stdin'),
                           (7, 'SELECT 2'), (8, E'COPY log\nFROM stdin'),
                           (11, 'SELECT 3')$$, 'a plan');

-- Many
SELECT migrate_add('1', 'CREATE TABLE many (i int);' || E'\n' ||
    string_agg(format(E'COPY many FROM stdin;\n%s\\.\n',
                      CASE WHEN i % 1000 = 0 THEN i || E'\n' ELSE '' END), ''))
FROM generate_series(1, 100000) i;
SELECT is(migrate_apply(), 1, '100 000 COPYs');
SELECT is(count(*), 100::bigint, 'of which a hundred bring a row') FROM many;

SELECT * FROM finish();
ROLLBACK;
