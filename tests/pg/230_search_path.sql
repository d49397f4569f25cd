-- Whatever others have put into the schemas that a session searches, the
-- extension's own statements do not find it.
BEGIN;
SELECT plan(21);
SET client_min_messages = warning;

\ir traps.psql

SELECT cmp_ok(current_setting('traps.functions')::int, '>', 300,
              'hundreds of functions are doubled');
SELECT cmp_ok(current_setting('traps.operators')::int, '>', 60,
              'and operators');
SELECT is((SELECT count(*)::int FROM pg_class
           WHERE relnamespace = pg_my_temp_schema() AND relname ~ '^migrate'),
          6, 'tables are, also in pg_temp');

-- The extension is made in a schema that is full of traps for its script, and
-- that is searched before pg_catalog.
CREATE TEMP TABLE results (name pg_catalog.text, got pg_catalog.text);

:hostile
CREATE EXTENSION migrate SCHEMA "first; -- ""in path";
:friendly
SELECT is((SELECT array_agg(attrelid::regclass || '.' || attname)
           FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
           WHERE relnamespace = '"first; -- ""in path"'::regnamespace
             AND relname LIKE 'migrate%' AND attnum > 0
             AND atttypid NOT IN ('text'::regtype, 'bigint'::regtype,
                                  'integer'::regtype, 'bytea'::regtype,
                                  'timestamptz'::regtype, 'boolean'::regtype)),
          NULL, 'its columns are of the server''s types');

-- The traps work: whoever names no schema is caught.
SELECT pg_temp.cast_traps('CREATE CAST (%s AS %s)
    WITH FUNCTION trap.%s AS IMPLICIT');
:hostile
CREATE FUNCTION pg_temp.caught(command pg_catalog.text)
    RETURNS pg_catalog.text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE command;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;
INSERT INTO pg_temp.results VALUES
    ('=', pg_temp.caught('SELECT 1 WHERE $a$a$a$::pg_catalog.text
                          = $a$b$a$::pg_catalog.text')),
    ('substr', pg_temp.caught('SELECT substr($a$a$a$::pg_catalog.bytea, 1, 2)')),
    ('cast', pg_temp.caught('SELECT pg_catalog.upper(1::pg_catalog.int8)'));

-- Each statement on the catalogue, by each function that needs it.  What a
-- migration itself looks for is its own affair.
CREATE FUNCTION pg_temp.attempt(name pg_catalog.text, call pg_catalog.text)
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE got pg_catalog.text;
BEGIN
    EXECUTE pg_catalog.format('SELECT pg_catalog.concat(q) FROM (%s) AS q',
        pg_catalog.replace(call, 'M.', '"first; -- ""in path".')) INTO got;
    INSERT INTO pg_temp.results VALUES (name, got);
EXCEPTION WHEN OTHERS THEN
    INSERT INTO pg_temp.results VALUES (name, SQLERRM);
END $$;
SELECT pg_temp.attempt('add', 'SELECT M.migrate_add(''1'',
    ''CREATE TABLE public.one (id pg_catalog.int4)'',
    ''DROP TABLE public.one'', ''first'')');
SELECT pg_temp.attempt('add 2', 'SELECT M.migrate_add(''2'',
    ''-- migrate:up
-- ${v}
CREATE TABLE public.two (id pg_catalog.int4)
-- migrate:verify
VALUES (true)'', ''DROP TABLE public.two'')');
SELECT pg_temp.attempt('config', 'SELECT M.migrate_config(''var.v'', ''x'')');
SELECT pg_temp.attempt('apply', 'SELECT M.migrate_apply()');
SELECT pg_temp.attempt('rollback', 'SELECT M.migrate_rollback()');
SELECT pg_temp.attempt('stamp', 'SELECT M.migrate_stamp(''2'')');
SELECT pg_temp.attempt('unstamp', 'SELECT M.migrate_stamp(''1'')');
SELECT pg_temp.attempt('redo', 'SELECT M.migrate_redo()');
SELECT pg_temp.attempt('back', 'SELECT M.migrate_rollback(''base'')');
SELECT pg_temp.attempt('current', 'SELECT M.migrate_current()');
SELECT pg_temp.attempt('change', 'SELECT M.migrate_add(''1'',
    ''CREATE TABLE public.one (id pg_catalog.int8)'')');
SELECT pg_temp.attempt('load', pg_catalog.format('SELECT M.migrate_load(%L)',
    pg_catalog.current_setting('data_directory')));
:friendly
SELECT pg_catalog.current_setting('data_directory') AS files \gset
\ir calls.psql
CREATE TEMP TABLE looks AS SELECT c.name AS call, c.statement
    FROM pg_temp.calls AS c WHERE NOT c.writes;
:hostile
SELECT pg_temp.attempt('look', statement) FROM pg_temp.looks;
:friendly
SELECT pg_temp.cast_traps('DROP CAST (%s AS %s)');

SELECT matches(got, '^trapped by (first; -- "in path.|bigint_text)',
               'the traps are sharp: ' || name)
FROM results WHERE name IN ('=', 'substr', 'cast');
SELECT is(got, wanted, r.name || ' finds none')
FROM results r JOIN (VALUES
    ('add', '(1)'), ('add 2', '(1)'), ('config', '(x)'), ('apply', '(2)'),
    ('rollback', '(1)'), ('stamp', '(1)'), ('unstamp', '(1)'), ('redo', '(1)'),
    ('back', '(1)'), ('current', '()'), ('change', '(1)')) AS w(name, wanted)
    ON w.name = r.name;
SELECT matches(got, 'holds no migrations', 'load finds none')
FROM results WHERE name = 'load';
SELECT is(string_agg(got, ' '), NULL, 'what looks finds none')
FROM results WHERE name = 'look' AND got ~ 'trap|ERROR|not exist|ambig';
SELECT cmp_ok(count(*), '>=', 9::bigint, 'and there is much that looks')
FROM results WHERE name = 'look';

SELECT * FROM finish();
ROLLBACK;
