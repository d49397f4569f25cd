-- A name that an earlier statement of the run makes, in front of another object
-- of that name, is not held ahead of the run against what it means now.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION migrate;

CREATE SCHEMA one;
CREATE SCHEMA two;
CREATE TABLE none (id int);
CREATE TABLE two.t (id int, note text);
INSERT INTO two.t VALUES (1, 'one');
CREATE TABLE two."odd name" (id int);
INSERT INTO two."odd name" VALUES (1);
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
SET search_path = fresh, one, two, public;
DO $$ BEGIN
    PERFORM migrate_config('environment', 'production'),
            migrate_config('confirm', current_database());
END $$;

-- What becomes of two migrations; nothing of them stays.
CREATE FUNCTION run(first text, second text) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM migrate_add('1', first), migrate_add('2', second);
    PERFORM migrate_apply();
    RAISE SQLSTATE 'ABCDE';
EXCEPTION
    WHEN SQLSTATE 'ABCDE' THEN RETURN 'passed';
    WHEN OTHERS THEN RETURN substring(SQLERRM FROM '(is refused|failed) at');
END $$;

SELECT plan(24);
SELECT is(run(first, 'DELETE FROM t'), 'passed', first)
FROM (VALUES ('CREATE TABLE one.t (id int)'),
    ('CREATE TABLE one.t AS SELECT 1 AS id WHERE false'),
    ('SELECT 1 AS id INTO one.t WHERE false'),
    ('SELECT 1 AS id INTO one.t WHERE false UNION SELECT 2 WHERE false'),
    ('CREATE VIEW one.t AS SELECT * FROM none'),
    ('CREATE TEMPORARY TABLE IF NOT EXISTS t (id int)'),
    ('CREATE OR REPLACE TEMPORARY VIEW t AS SELECT * FROM none'),
    ('CREATE SCHEMA fresh CREATE TABLE t (id int)')) AS c (first);
-- These have no rows that it could delete.
SELECT is(run(first, 'DELETE FROM t'), 'failed', first)
FROM (VALUES ('CREATE MATERIALIZED VIEW one.t AS SELECT 1 AS id'),
    ('CREATE FOREIGN TABLE one.t (id int) SERVER nowhere')) AS c (first);
SELECT is(run('CREATE TABLE one."odd name" (id int)', 'DELETE FROM "odd name"'),
    'passed', 'a name with a space');
-- What is made in its place has rows by then.
SELECT is(run('CREATE TABLE one.t AS SELECT 1 AS id', 'DELETE FROM t'),
    'failed', 'it is looked at in its turn');

-- What is certain stays so.
SELECT is(run(first, second), 'is refused', first)
FROM (VALUES ('CREATE TABLE one.other (id int)', 'DELETE FROM t'),
    ('CREATE TABLE IF NOT EXISTS two.t (id int)', 'DELETE FROM t'),
    ('CREATE TABLE note (id int)', 'ALTER TABLE t DROP COLUMN note'),
    ('CREATE SCHEMA fresh', 'DELETE FROM t -- fresh')) AS c (first, second);

-- A name in a schema that only the role may use that a migration becomes.
CREATE ROLE keeper;
CREATE ROLE deployer NOINHERIT IN ROLE keeper;
CREATE SCHEMA kept AUTHORIZATION keeper;
CREATE TABLE kept.empty (id int);
CREATE TABLE kept.t AS SELECT 1 AS id;
ALTER TABLE kept.empty OWNER TO keeper;
ALTER TABLE kept.t OWNER TO keeper;
GRANT USAGE ON SCHEMA one TO deployer;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO deployer;
SET ROLE deployer;
SELECT is(run('SET ROLE keeper; DROP TABLE kept.empty; DELETE FROM kept.t
    WHERE id = 2; RESET ROLE', 'SELECT 2'), 'passed', 'another role''s schema');
SELECT is(run('SET ROLE keeper; DELETE FROM kept.t; RESET ROLE', 'SELECT 2'),
    'failed', 'which is looked at in its turn');
RESET ROLE;
CREATE FUNCTION planned(sql text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_add('1', 'SET ROLE keeper; ' || sql || '; RESET ROLE');
    RETURN (SELECT string_agg(note, '') FROM migrate_plan());
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;
GRANT EXECUTE ON FUNCTION planned(text) TO deployer;
SET ROLE deployer;
SELECT is(planned(sql), NULL, 'the plan can be read: ' || sql)
FROM (VALUES ('DROP TYPE kept.t'), ('DROP FUNCTION kept.f(integer), kept.f'),
    ('DROP COLLATION IF EXISTS kept.c; DROP DOMAIN nowhere.d'),
    ('DROP FUNCTION f(kept.t)'), ('DROP TABLE kept.t')) AS c (sql);
SELECT is((SELECT state FROM migrate_preflight()
           WHERE name = 'destructive statements'), 'ok', 'and preflight');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
