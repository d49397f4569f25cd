-- Volatility, parallel safety, comments: of each function that there is.
-- That what is marked as looking does not write, and the other way round, is
-- shown by 260_standby.t.
BEGIN;
SELECT no_plan();
SET client_min_messages = warning;

CREATE EXTENSION migrate;
\ir calls.psql

SELECT ok(count(*) > 15 AND bool_or(writes) AND bool_or(NOT writes),
          'there are functions that write, and that look') FROM calls;
SELECT is_empty(
    $$SELECT name FROM calls WHERE writes AND proparallel <> 'u'$$,
    'what writes is PARALLEL UNSAFE');
SELECT is_empty(
    $$SELECT name FROM calls WHERE NOT writes AND proparallel = 'u'$$,
    'what looks is not');
-- What looks reads the session's settings: a worker has no temporary tables,
-- and not all that the leader knows.
SELECT set_eq(
    $$SELECT name FROM calls WHERE proparallel = 's' OR provolatile = 'i'$$,
    ARRAY['migrate_version()'],
    'only the version needs no database');

CREATE TEMP VIEW members AS
    SELECT d.classid, d.objid FROM pg_depend d
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'migrate'
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';
SELECT is_empty(
    $$SELECT pg_describe_object(classid, objid, 0) FROM members
      WHERE classid IN ('pg_proc'::regclass, 'pg_class'::regclass)
        AND coalesce(obj_description(objid, classid::regclass::text),
                     '') = ''$$,
    'every function and table has a comment');
SELECT is_empty(
    $$SELECT pg_describe_object(classid, objid, 0) FROM members
      WHERE obj_description(objid, classid::regclass::text) ~ '^[A-Z]|\.$'$$,
    'all of one form');

-- Within a parallel query
CREATE TABLE big AS SELECT g FROM generate_series(1, 20000) AS g;
ALTER TABLE big SET (parallel_workers = 2);
ANALYZE big;
SELECT migrate_add('1', 'CREATE TABLE one (id int)', 'DROP TABLE one');
SELECT migrate_add('2', 'CREATE TABLE two (id int)', 'DROP TABLE two');
SELECT migrate_apply('1');
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;

-- The rows of a query, as text, and its plan
CREATE FUNCTION rows_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT string_agg(q::text, E''\n'') FROM (%s) AS q', query)
        INTO result;
    RETURN result;
END $$;
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    result text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
        result := result || line;
    END LOOP;
    RETURN result;
END $$;

-- The same beside a query that is done in parallel
CREATE FUNCTION in_parallel(call calls) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT q.* FROM (%s) AS q, (SELECT sum(g) AS n FROM big
                   OFFSET 0) AS counted WHERE n > 0', $1.statement) $$;

-- The rows that a query fills a table with, or the error
CREATE FUNCTION filled_by(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE 'CREATE TABLE filled AS ' || query;
    result := rows_of('SELECT * FROM filled');
    DROP TABLE filled;
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;

SELECT matches(plan_of(in_parallel(c)), 'Gather',
               name || ' does not prevent a parallel plan')
FROM calls c WHERE NOT writes;
SELECT is(filled_by(in_parallel(c)), rows_of(statement),
          name || ' within a parallel query that fills a table')
FROM calls c WHERE NOT writes;
SELECT is((SELECT string_agg(version || state || n, ' ')
           FROM migrate_status(), (SELECT count(*) AS n FROM big) AS counted),
          '1applied20000 2pending20000', 'a parallel query of no function');

-- Whatever the planner can be made to give to a worker
SELECT set_config(name, 'on', true) FROM pg_settings
WHERE name IN ('debug_parallel_query', 'force_parallel_mode');
SELECT lives_ok(statement, name || ' under debug_parallel_query')
FROM calls WHERE NOT writes;
SELECT is(migrate_apply(), 1, 'apply under debug_parallel_query');
SELECT is(migrate_rollback(), 1, 'and rollback');
RESET ALL;
SET client_min_messages = warning;

-- What writes never gets into a parallel query, nor does it start one that
-- cannot write.
SELECT is((SELECT migrate_apply() FROM big LIMIT 1), 1,
          'apply beside a table that could be read in parallel');
SELECT migrate_rollback();
SELECT is((SELECT count(*)::int FROM (SELECT migrate_pending() FROM big) AS p),
          20000, 'a look for each row');

-- Where only what does not write may be
SELECT lives_ok(
    format('CREATE MATERIALIZED VIEW kept%s AS %s',
           row_number() OVER (ORDER BY name), statement),
    name || ' in a materialized view')
FROM calls WHERE NOT writes;
SELECT lives_ok(format('REFRESH MATERIALIZED VIEW %s', oid::regclass),
                'which can be refreshed')
FROM pg_class WHERE relname LIKE 'kept%' AND relkind = 'm';
SELECT throws_ok('CREATE MATERIALIZED VIEW kept AS SELECT migrate_apply()',
                 '42501', 'cannot execute migrate_apply() within a '
                 'security-restricted operation',
                 'what writes cannot be there');
SELECT throws_ok('CREATE INDEX ON big ((migrate_pending() + g))', '42P17',
                 NULL, 'what depends on the database cannot be in an index');

SELECT * FROM finish();
ROLLBACK;
