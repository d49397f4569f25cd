-- What a migration creates belongs to no extension, wherever it is called from.
BEGIN;
SELECT plan(23);
SET client_min_messages = warning;

CREATE EXTENSION migrate;

CREATE TEMP VIEW members AS
    SELECT e.extname, pg_describe_object(classid, objid, objsubid) AS object
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e';
CREATE TEMP TABLE fresh AS
    SELECT object FROM members WHERE extname = 'migrate';

-- Every kind of object that is not shared; a publication gives a warning.
SET client_min_messages = error;
SELECT migrate_add('1', $$
    CREATE SCHEMA made;
    CREATE TABLE made.t (id serial PRIMARY KEY, n int CHECK (n > 0));
    CREATE INDEX ON made.t (n);
    CREATE VIEW made.v AS SELECT 1 AS one;
    CREATE MATERIALIZED VIEW made.mv AS SELECT 1 AS one;
    CREATE SEQUENCE made.s;
    CREATE TYPE made.e AS ENUM ('a');
    CREATE TYPE made.c AS (a int);
    CREATE DOMAIN made.d AS int;
    CREATE FUNCTION made.f(made.d, made.d) RETURNS bool LANGUAGE sql
        AS 'SELECT true';
    CREATE PROCEDURE made.p() LANGUAGE sql AS 'SELECT 1';
    CREATE AGGREGATE made.a(int) (SFUNC = int4pl, STYPE = int);
    CREATE OPERATOR made.=== (FUNCTION = made.f, LEFTARG = made.d,
                              RIGHTARG = made.d);
    CREATE FUNCTION made.trig() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER trig BEFORE INSERT ON made.t
        FOR EACH ROW EXECUTE FUNCTION made.trig();
    CREATE RULE r AS ON DELETE TO made.t DO NOTHING;
    CREATE POLICY pol ON made.t USING (true);
    CREATE STATISTICS made.st ON id, n FROM made.t;
    CREATE TEXT SEARCH CONFIGURATION made.ts (COPY = simple);
    CREATE CAST (made.c AS made.e) WITH INOUT;
    CREATE FOREIGN DATA WRAPPER made_fdw;
    CREATE SERVER made_server FOREIGN DATA WRAPPER made_fdw;
    CREATE PUBLICATION made_pub;
    ALTER DEFAULT PRIVILEGES IN SCHEMA made GRANT SELECT ON TABLES TO PUBLIC;
    COMMENT ON TABLE made.t IS 'made'$$,
    'DROP SCHEMA made CASCADE; DROP FOREIGN DATA WRAPPER made_fdw CASCADE;
     DROP PUBLICATION made_pub');
SELECT is(migrate_apply(), 1, 'every kind of object is made');
SELECT has_table('made', 't', 'such as this table');
SELECT is(migrate_redo(), 1, 'and again');
SELECT is_empty(
    $$SELECT object FROM members WHERE object LIKE '%made%'$$,
    'all belong to no extension');
SELECT is(migrate_rollback(), 1, 'they can be dropped again');

-- From wherever it is called
CREATE FUNCTION by_sql() RETURNS int LANGUAGE sql AS 'SELECT migrate_apply()';
CREATE FUNCTION by_plpgsql() RETURNS int LANGUAGE plpgsql SECURITY DEFINER
    AS 'BEGIN RETURN migrate_apply(); END';
CREATE PROCEDURE by_call() LANGUAGE plpgsql
    AS 'BEGIN PERFORM migrate_apply(); END';
CREATE VIEW by_view AS SELECT migrate_apply() AS n;
CREATE FUNCTION by_trigger() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN PERFORM migrate_apply(); RETURN NEW; END';
CREATE FUNCTION by_event() RETURNS event_trigger LANGUAGE plpgsql
    AS 'BEGIN PERFORM migrate_apply(); END';
CREATE TABLE watched (id int, n int DEFAULT migrate_apply());
CREATE TRIGGER watch BEFORE UPDATE ON watched
    FOR EACH ROW EXECUTE FUNCTION by_trigger();
CREATE FUNCTION next() RETURNS text LANGUAGE sql AS $$
    SELECT 'made' || migrate_add(n, 'CREATE TABLE made' || n || ' (id int)',
                                 'DROP TABLE made' || n) || ' ' || n
    FROM (SELECT (count(*) + 2)::text AS n FROM migrate_status()
          WHERE version <> '1') AS s $$;
SELECT migrate_stamp('1');

SELECT next();
SELECT is(by_sql(), 1, 'called by an SQL function');
SELECT next();
SELECT is(by_plpgsql(), 1, 'by one with its owner''s rights');
SELECT next();
CALL by_call();
SELECT is(migrate_pending(), 0, 'by a procedure');
SELECT next();
SELECT is(n, 1, 'by a view') FROM by_view;
SELECT next();
INSERT INTO watched VALUES (1);
SELECT is(n, 1, 'by a column''s default') FROM watched;
SELECT next();
UPDATE watched SET id = 2;
SELECT is(migrate_pending(), 0, 'by a trigger');
SELECT next();
DO 'BEGIN PERFORM migrate_apply(); END';
SELECT is(migrate_pending(), 0, 'by DO');
SELECT next();
CREATE TABLE by_create AS SELECT migrate_apply() AS n;
SELECT is(n, 1, 'by CREATE TABLE AS') FROM by_create;
SELECT next();
PREPARE by_execute AS SELECT migrate_apply();
EXPLAIN ANALYZE EXECUTE by_execute;
SELECT is(migrate_pending(), 0, 'by EXPLAIN ANALYZE');
SELECT next();
CREATE EVENT TRIGGER by_event ON ddl_command_end
    WHEN TAG IN ('CREATE SEQUENCE') EXECUTE FUNCTION by_event();
CREATE SEQUENCE sets_off;
SELECT is(migrate_pending(), 0, 'by an event trigger');
SELECT is((SELECT count(*)::int FROM pg_class
           WHERE relname LIKE 'made%' AND relkind = 'r'), 10,
          'each made its table');
SELECT is_empty($$SELECT object FROM members WHERE object LIKE '%made%'$$,
                'which belong to no extension');
SELECT is(migrate_rollback('1'), 10, 'and can be dropped by rolling back');

-- An extension's script: what it creates would be that extension's, and the
-- rows would be restored a second time.
CREATE FUNCTION other() RETURNS text LANGUAGE sql AS $$
    SELECT name FROM pg_available_extensions
    WHERE name IN ('lo', 'citext', 'hstore', 'cube')
      AND installed_version IS NULL ORDER BY name DESC LIMIT 1 $$;
CREATE FUNCTION from_script(call text, error text) RETURNS SETOF text
    LANGUAGE plpgsql AS $$
BEGIN
    IF other() IS NULL THEN
        RETURN NEXT skip('no other extension is at hand');
        RETURN;
    END IF;
    EXECUTE format('CREATE OR REPLACE FUNCTION by_event()
        RETURNS event_trigger LANGUAGE plpgsql
        AS ''BEGIN PERFORM %s; END''', replace(call, '''', ''''''));
    CREATE EVENT TRIGGER in_script ON ddl_command_end
        WHEN TAG IN ('CREATE FUNCTION') EXECUTE FUNCTION by_event();
    RETURN NEXT throws_ok('CREATE EXTENSION ' || other(), '0A000', error,
                          call || ' is refused in an extension''s script');
    DROP EVENT TRIGGER in_script;
END $$;
SELECT from_script('migrate_apply()',
    'cannot execute migrate_apply() in the script of an extension');
SELECT from_script('migrate_add(''x'', ''SELECT 1'')',
    'cannot execute migrate_add() in the script of an extension');
SELECT from_script('migrate_config(''var.x'', ''1'')',
    'cannot execute migrate_config() in the script of an extension');

-- The other way round: a migration that creates an extension.
SELECT migrate_add('50', format('
    CREATE TABLE made50 (id int); CREATE EXTENSION %I;
    CREATE TABLE made51 (id int)', coalesce(other(), 'plpgsql')))
WHERE other() IS NOT NULL;
SELECT migrate_apply();
SELECT is_empty($$SELECT object FROM members WHERE object LIKE '%made%'$$,
                'beside an extension, tables belong to none');

SELECT results_eq(
    $$SELECT object FROM members WHERE extname = 'migrate' ORDER BY 1$$,
    'SELECT object FROM fresh ORDER BY 1',
    'the extension has the members it was created with');

SELECT * FROM finish();
ROLLBACK;
