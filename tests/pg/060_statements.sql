-- Which statements a migration can hold.
BEGIN;
SELECT plan(50);
SET client_min_messages = error;

CREATE EXTENSION migrate;
CREATE TABLE before (id int PRIMARY KEY, t text);

-- Apply a script behind another migration, and say how it ended.
CREATE FUNCTION outcome(script text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    PERFORM migrate_stamp('base'), migrate_add('1', script);
    PERFORM migrate_apply();
    RETURN 'applied';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || CASE WHEN hint LIKE '%Nothing of this migration was run%'
                            OR hint LIKE '%nothing of it was run%'
                            THEN ' untouched' ELSE ' ' || SQLERRM END;
END $$;

-- Refused before anything is run, though the first statement is harmless.
SELECT is(outcome('CREATE TABLE early (id int); ' || statement),
          '0A000 untouched', statement)
FROM unnest(ARRAY[
    'CREATE INDEX CONCURRENTLY i ON before (t)',
    'DROP INDEX CONCURRENTLY before_pkey',
    'REINDEX INDEX CONCURRENTLY before_pkey',
    'REINDEX TABLE CONCURRENTLY before',
    'REINDEX SCHEMA public',
    'REINDEX DATABASE postgres',
    'REINDEX SYSTEM postgres',
    'VACUUM', 'VACUUM before', 'vacuum (analyze) before',
    'ALTER SYSTEM SET work_mem = ''5MB''',
    'CREATE DATABASE d', 'DROP DATABASE d',
    'ALTER DATABASE d SET TABLESPACE pg_default',
    'CREATE TABLESPACE t LOCATION ''/t''', 'DROP TABLESPACE t',
    'CLUSTER', 'DISCARD ALL',
    'CREATE SUBSCRIPTION s CONNECTION ''dbname=x'' PUBLICATION p',
    'ALTER SUBSCRIPTION s REFRESH PUBLICATION',
    'DROP SUBSCRIPTION s',
    'ROLLBACK', 'ABORT', 'SAVEPOINT s', 'RELEASE s', 'ROLLBACK TO s',
    'PREPARE TRANSACTION ''x''', 'COMMIT PREPARED ''x''',
    'ROLLBACK PREPARED ''x''',
    'COPY before FROM STDIN', 'COPY before TO STDOUT'
]) AS statement;
SELECT hasnt_table('early', 'nothing of them was run');

-- What is refused only in some forms.
SELECT is(outcome(statement), 'applied', statement)
FROM (VALUES ('CREATE INDEX i ON before (t)'), ('REINDEX TABLE before'),
             ('ANALYZE before'), ('DISCARD PLANS'), ('DROP INDEX i'),
             ('CLUSTER before USING before_pkey'),
             ('CREATE SUBSCRIPTION s CONNECTION ''dbname=x'' PUBLICATION p '
              'WITH (connect = false, slot_name = NONE)'),
             ('BEGIN; CREATE TABLE own (id int); COMMIT'),
             ('START TRANSACTION; INSERT INTO own VALUES (1); END'),
             ('BEGIN; INSERT INTO own VALUES (2); COMMIT; '
              'BEGIN; INSERT INTO own VALUES (3); COMMIT AND CHAIN'),
             ('-- nothing but a comment'), (';;'))
     AS given (statement);
SELECT is((SELECT count(*)::int FROM own), 3,
          'a script''s own BEGIN and COMMIT are passed over');

-- What only the server can know fails when it runs, and undoes the rest.
-- Before 14, REINDEX passes over a partitioned table with a warning.
CREATE TABLE parts (id int) PARTITION BY RANGE (id);
SELECT CASE WHEN current_setting('server_version_num')::int < 140000
    THEN skip('REINDEX of a partitioned table', 2)
    ELSE collect_tap(
        matches(outcome('CREATE TABLE early (id int); REINDEX TABLE parts'),
                '^25001 ', 'the server refuses the rest'),
        hasnt_table('early', 'and undoes it')) END;

-- Fifty megabytes
SELECT migrate_config('project', 'large');
SELECT is(migrate_add('1', 'CREATE TABLE large (x text);' ||
    string_agg(format(E'INSERT INTO large VALUES (%L);\n',
                      repeat('x', 1000000)), ''), 'DROP TABLE large'), 1,
    'a text of fifty megabytes is added')
FROM generate_series(1, 50);
SELECT is(migrate_apply(), 1, 'and applied');
SELECT is(sum(length(x)), 50000000::bigint, 'all of it') FROM large;

SELECT * FROM finish();
ROLLBACK;
