-- Whatever others have put into the schemas that a session searches, the
-- extension's own statements do not find it.
BEGIN;
SELECT plan(22);
SET client_min_messages = warning;

-- What pg_temp holds is found last, unless a path is hostile.
PREPARE hostile AS SELECT pg_catalog.set_config('search_path',
    '"first; -- ""in path", trap, public, pg_temp, pg_catalog', true);
PREPARE friendly AS SELECT pg_catalog.set_config('search_path',
    'public, pg_catalog, pg_temp', true);
EXECUTE friendly;

-- A double of each operator and function of pg_catalog that has to do with the
-- types of the catalogue's columns and parameters.  Whatever is called of it
-- ends the call.
CREATE SCHEMA trap;
CREATE FUNCTION trap.sprung(what text) RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'trapped by %', what; END $$;

CREATE FUNCTION pg_temp.near(types oid[]) RETURNS boolean LANGUAGE sql AS $$
    SELECT bool_and(t = ANY (ARRAY['text', 'bigint', 'integer', 'bytea',
        'boolean', 'varchar', 'name', 'regclass', 'oid', 'timestamptz',
        'double precision', 'anyelement', 'anyarray', '"any"'
        ]::regtype[]::oid[])) FROM unnest(types) AS t $$;

CREATE FUNCTION pg_temp.double_functions(place text) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    p record;
    n integer := 0;
BEGIN
    FOR p IN
        SELECT DISTINCT proname,
               CASE WHEN prorettype IN ('anyelement'::regtype,
                                        'anyarray'::regtype) AND
                         NOT 'anyelement'::regtype = ANY (proargtypes) AND
                         NOT 'anyarray'::regtype = ANY (proargtypes)
                    THEN 'text'::regtype ELSE prorettype::regtype END AS result,
               coalesce((SELECT string_agg(
                             CASE t WHEN '"any"'::regtype THEN 'text'
                                    ELSE format_type(t, NULL) END,
                             ', ' ORDER BY i)
                         FROM unnest(proargtypes) WITH ORDINALITY AS a(t, i)),
                        '') AS list
        FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace
          AND prokind IN ('f', 'a', 'w') AND provariadic = 0
          AND (pg_temp.near(proargtypes::oid[]) OR pronargs = 0)
          AND prorettype IN ('text'::regtype, 'bigint'::regtype,
              'integer'::regtype, 'bytea'::regtype, 'boolean'::regtype,
              'name'::regtype, 'timestamptz'::regtype, 'anyelement'::regtype)
    LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION %I.%I(%s) RETURNS %s
                LANGUAGE plpgsql STABLE AS
                $f$ BEGIN PERFORM trap.sprung(%L); END $f$',
                place, p.proname, p.list, p.result,
                place || '.' || p.proname);
            n := n + 1;
        EXCEPTION WHEN duplicate_function THEN NULL; -- "any" is text, too
        END;
    END LOOP;
    RETURN n;
END $$;

CREATE FUNCTION pg_temp.double_operators(place text) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    o record;
    n integer := 0;
BEGIN
    FOR o IN
        SELECT oprname, oprkind, format_type(oprresult, NULL) AS result,
               CASE oprleft WHEN 0 THEN NULL
                   ELSE format_type(oprleft, NULL) END AS lefttype,
               format_type(oprright, NULL) AS righttype
        FROM pg_operator
        WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprcode <> 0
          AND pg_temp.near(ARRAY[oprright]) AND oprright <> 0
          AND (oprleft = 0 OR pg_temp.near(ARRAY[oprleft]))
          AND oprresult IN ('boolean'::regtype, 'text'::regtype,
              'bigint'::regtype, 'integer'::regtype)
    LOOP
        n := n + 1;
        EXECUTE format('CREATE FUNCTION %I.double_%s(%s) RETURNS %s
            LANGUAGE plpgsql STABLE AS
            $f$ BEGIN PERFORM trap.sprung(%L); END $f$',
            place, n, concat_ws(', ', o.lefttype, o.righttype), o.result,
            place || '.' || o.oprname);
        EXECUTE format('CREATE OPERATOR %I.%s (FUNCTION = %I.double_%s, %s
            RIGHTARG = %s)', place, o.oprname, place, n,
            'LEFTARG = ' || o.lefttype || ',', o.righttype);
    END LOOP;
    RETURN n;
END $$;

-- Types and tables of the names that are used, and of the extension's own
CREATE FUNCTION pg_temp.double_relations(place text, kind text)
    RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    names text[] := ARRAY['migrate_text', 'migrate_migration',
        'migrate_applied', 'migrate_event', 'migrate_setting',
        'migrate_progress', 'pg_class', 'pg_extension', 'pg_namespace',
        'pg_proc', 'excluded', 'main', 'text', 'int8', 'int4', 'bytea', 'bool',
        'bigint', 'integer', 'timestamptz'];
    name text;
BEGIN
    FOREACH name IN ARRAY names LOOP
        EXECUTE format('CREATE %s TABLE %I.%I (project pg_catalog.text,
            name pg_catalog.text, value pg_catalog.text,
            hash pg_catalog.text, body pg_catalog.bytea)', kind, place, name);
    END LOOP;
    RETURN array_length(names, 1);
END $$;

SELECT cmp_ok(pg_temp.double_functions('trap'), '>', 300,
              'hundreds of functions are doubled');
SELECT cmp_ok(pg_temp.double_operators('trap'), '>', 60,
              'and operators');
SELECT is(pg_temp.double_relations('trap', ''), 20, 'and tables and types');
SELECT is(pg_temp.double_relations('pg_temp', 'TEMP'), 20,
          'also in pg_temp');

-- The extension is made in a schema that is full of traps for its script, and
-- that is searched before pg_catalog.
CREATE SCHEMA "first; -- ""in path";
SELECT pg_temp.double_functions('first; -- "in path') > 0 AS functions,
       pg_temp.double_operators('first; -- "in path') > 0 AS operators;
CREATE TYPE "first; -- ""in path".text AS ENUM ('trap');
CREATE DOMAIN "first; -- ""in path".integer AS pg_catalog.text;
CREATE DOMAIN "first; -- ""in path".bigint AS pg_catalog.text;
CREATE DOMAIN "first; -- ""in path".bytea AS pg_catalog.text;

-- Casts need no path; only a superuser can make these.
CREATE FUNCTION pg_temp.cast_traps(kind text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    types text[] := ARRAY['text', 'bigint', 'integer', 'bytea', 'boolean'];
    a text;
    b text;
BEGIN
    FOREACH a IN ARRAY types LOOP
        FOREACH b IN ARRAY types LOOP
            CONTINUE WHEN a = b OR EXISTS (
                SELECT FROM pg_cast WHERE castsource = a::regtype
                AND casttarget = b::regtype AND castfunc < 16384);
            EXECUTE format(kind, a, b, a || '_' || b);
        END LOOP;
    END LOOP;
END $$;
SELECT pg_temp.cast_traps('CREATE FUNCTION trap.%3$s(%1$s) RETURNS %2$s
    LANGUAGE plpgsql AS
    $f$ BEGIN PERFORM trap.sprung($n$%3$s$n$); END $f$');

CREATE TEMP TABLE results (name pg_catalog.text, got pg_catalog.text);

EXECUTE hostile;
CREATE EXTENSION migrate SCHEMA "first; -- ""in path";
EXECUTE friendly;
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
EXECUTE hostile;
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
EXECUTE friendly;
\ir calls.psql
CREATE TEMP TABLE looks AS SELECT c.name AS call, c.statement
    FROM pg_temp.calls AS c WHERE NOT c.writes;
EXECUTE hostile;
SELECT pg_temp.attempt('look', statement) FROM pg_temp.looks;
EXECUTE friendly;
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
