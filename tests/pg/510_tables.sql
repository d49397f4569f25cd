-- Nobody writes or reads the tables but through the functions.
BEGIN;
SELECT plan(32);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
CREATE ROLE migrator;
GRANT USAGE, CREATE ON SCHEMA public TO migrator;
DO $$
DECLARE routine regprocedure;
BEGIN
    FOR routine IN
        SELECT d.objid FROM pg_depend d JOIN pg_extension e
            ON e.oid = d.refobjid AND e.extname = 'migrate'
        WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
    LOOP
        EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO migrator', routine);
    END LOOP;
END $$;
CREATE TEMP VIEW tables AS
    SELECT c.oid, c.relname::text AS name FROM pg_class c
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'migrate'
    WHERE d.deptype = 'e' AND c.relkind = 'r';
GRANT SELECT ON tables TO migrator;
SELECT cmp_ok(count(*), '>=', 7::bigint, 'there are tables') FROM tables;

SELECT is(string_agg(name || ' ' || privilege, ', '), NULL,
          'the right to every function is none to any table')
FROM tables, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',
                          'REFERENCES', 'TRIGGER']) AS privilege
WHERE has_table_privilege('migrator', oid, privilege)
   OR (privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
       AND has_any_column_privilege('migrator', oid, privilege));
SELECT is(string_agg(name || ' ' || privilege, ', '), NULL,
          'nor is PUBLIC''s')
FROM tables, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',
                          'REFERENCES', 'TRIGGER']) AS privilege
WHERE has_table_privilege('public', oid, privilege);

SELECT migrate_add('1', 'CREATE TABLE one (id int)', 'DROP TABLE one', 'one');
SET ROLE migrator;
SELECT is(migrate_apply(), 1, 'he can migrate');

-- Each way to change a table, tried.
CREATE FUNCTION pg_temp.tried(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
CREATE FUNCTION public.spy() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'spied as %', current_user; END $$;
SELECT is((SELECT array_agg(DISTINCT pg_temp.tried(format(s, name)))
           FROM tables), ARRAY['42501'], s)
FROM unnest(ARRAY[
    'SELECT * FROM %I', 'TABLE %I',
    'INSERT INTO %I DEFAULT VALUES', 'DELETE FROM %I', 'TRUNCATE %I',
    'TRUNCATE %I CASCADE', 'LOCK TABLE %I', 'LOCK TABLE %I IN SHARE MODE',
    'DROP TABLE %I', 'DROP TABLE %I CASCADE', 'ALTER TABLE %I ADD x int',
    'ALTER TABLE %I OWNER TO migrator', 'ALTER TABLE %I RENAME TO other',
    'ALTER TABLE %I DISABLE TRIGGER ALL',
    'ALTER TABLE %I ENABLE ROW LEVEL SECURITY',
    'GRANT ALL ON %I TO PUBLIC', 'COMMENT ON TABLE %I IS ''x''',
    'CREATE INDEX ON %I ((1))', 'CREATE RULE r AS ON INSERT TO %I DO NOTHING',
    'CREATE TRIGGER t BEFORE INSERT ON %I EXECUTE FUNCTION public.spy()',
    'CREATE POLICY p ON %I USING (false)'
]) AS s;
-- A column of each needs no name to be tried.
SELECT is(pg_temp.tried('UPDATE migrate_event SET actor = ''x'''), '42501',
          'UPDATE');
SELECT is(pg_temp.tried('SELECT FROM migrate_event FOR UPDATE'), '42501',
          'SELECT FOR UPDATE');
SELECT is(pg_temp.tried('ALTER EXTENSION migrate DROP TABLE migrate_event'),
          '42501', 'nor is it taken from the extension');
-- What he owns himself is no way in: views and children of the tables.
CREATE VIEW public.seen AS SELECT 1 AS x;
SELECT is(pg_temp.tried('CREATE TABLE public.child () INHERITS (migrate_event)'),
          '42501', 'a child, whose rows would be those of the table');
CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql
    COST 0.0000001 AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$;
SELECT is(pg_temp.tried(
    'SELECT FROM migrate_setting WHERE pg_temp.leak(value)'), '42501',
    'a function of his own that would see the rows');

-- A migration of his runs as he is, in whatever it calls.
SELECT migrate_add('2', $$DELETE FROM migrate_event$$);
SELECT throws_ok('SELECT migrate_apply()', '42501', NULL,
                 'a migration cannot write the tables either');
RESET ROLE;
SELECT is((SELECT count(*) FROM migrate_verify() WHERE kind <> 'drift'),
          0::bigint, 'nothing of it has changed anything');

SELECT * FROM finish();
ROLLBACK;
