-- Who else may write the extension's tables: nobody is by default privileges,
-- and nothing is written or run while somebody is.
SET client_min_messages = error;
BEGIN;
SELECT no_plan();
CREATE ROLE app;
CREATE ROLE auditor;
CREATE ROLE keeper;
CREATE ROLE heir;

-- Whoever holds rights to members of the extension, and is not their owner.
CREATE VIEW held AS
    SELECT c.relname::text AS object, coalesce(r.rolname, 'everybody') AS who,
           a.privilege_type AS what, 'table' AS kind
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.relname LIKE 'migrate\_%' AND a.grantee <> c.relowner
    UNION ALL
    SELECT c.relname || '.' || f.attname, coalesce(r.rolname, 'everybody'),
           a.privilege_type, 'column'
    FROM pg_class c JOIN pg_attribute f ON f.attrelid = c.oid
    CROSS JOIN LATERAL aclexplode(f.attacl) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.relname LIKE 'migrate\_%'
    UNION ALL
    SELECT p.oid::regprocedure::text, coalesce(r.rolname, 'everybody'),
           a.privilege_type, 'function'
    FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE p.proname LIKE 'migrate\_%' AND a.grantee <> p.proowner
    AND a.grantee <> 0;
-- What a dump takes for the extension's own, and writes no GRANT for.
CREATE VIEW first_rights AS
    SELECT pg_describe_object(i.classoid, i.objoid, i.objsubid) AS object,
           i.initprivs::text AS rights, a.grantee::regrole::text AS who
    FROM pg_init_privs i CROSS JOIN LATERAL aclexplode(i.initprivs) a
    WHERE i.privtype = 'e' AND a.grantee <> 0
    AND pg_describe_object(i.classoid, i.objoid, i.objsubid) LIKE '%migrate\_%';

-- As usual: an application may write the tables of its schema.
SAVEPOINT without;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO app;
SAVEPOINT defaults;
CREATE EXTENSION migrate;
SELECT is_empty('SELECT * FROM held', 'default privileges give nothing');
SELECT is_empty($$SELECT * FROM first_rights WHERE who = 'app'$$,
                'nor does a dump take them for given');
SELECT is_empty($$SELECT 1 FROM pg_proc WHERE proname = 'migrate_close_rights'$$,
                'and what took them away is gone');
SELECT is_empty($$SELECT name FROM unnest(ARRAY['version()', 'status()',
    'current()', 'pending()']) AS name
    WHERE NOT has_function_privilege('app', 'migrate_' || name, 'EXECUTE')$$,
    'anybody may still ask how things stand');
CREATE TABLE other (id integer);
SELECT ok(has_table_privilege('app', 'other', 'INSERT'),
          'other tables have what they are given');
SET ROLE app;
SELECT throws_ok('DELETE FROM migrate_event', '42501', NULL,
                 'the application writes nothing');
SELECT throws_ok('SELECT migrate_apply()', '42501', NULL, 'and runs nothing');
RESET ROLE;

-- An older version in use: what was granted on purpose stays.
ROLLBACK TO defaults;
CREATE EXTENSION migrate VERSION '0.1.0';
SELECT ok(has_table_privilege('app', 'migrate_text', 'INSERT'),
          'the older version did give');
GRANT EXECUTE ON FUNCTION migrate_apply(text) TO keeper;
GRANT SELECT ON migrate_event TO auditor;
GRANT UPDATE (body), SELECT (hash) ON migrate_text TO keeper;
GRANT INSERT ON migrate_applied TO keeper WITH GRANT OPTION;
SET ROLE keeper;
GRANT INSERT ON migrate_applied TO auditor;
RESET ROLE;
SAVEPOINT used;
ALTER EXTENSION migrate UPDATE;
SELECT set_eq($$SELECT object, who, what FROM held WHERE kind <> 'function'
                AND who <> 'everybody'$$,
    $$SELECT t AS object, 'app' AS who, 'SELECT' AS what FROM unnest(ARRAY['migrate_text',
          'migrate_migration', 'migrate_applied', 'migrate_event',
          'migrate_setting']) t
      UNION ALL VALUES ('migrate_event', 'auditor', 'SELECT'),
          ('migrate_text.hash', 'keeper', 'SELECT')$$,
    'an update leaves the right to read what was there');
SELECT is_empty($$SELECT * FROM held WHERE who = 'everybody' AND
    what IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
             'TRIGGER')$$, 'from everybody it takes the same');
SELECT ok(has_function_privilege('keeper', 'migrate_apply(text)', 'EXECUTE'),
          'and who was to migrate may');
SELECT ok(NOT has_function_privilege('app', 'migrate_verify()', 'EXECUTE'),
          'but gives nothing to what is new');
SELECT is_empty($$SELECT * FROM first_rights WHERE object LIKE 'table%'$$,
                'a dump carries what is left');

-- A superuser updates what is another's.
ROLLBACK TO without;
GRANT ALL ON SCHEMA public TO keeper;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO keeper',
                           current_database()); END $$;
SET ROLE keeper;
CREATE EXTENSION migrate VERSION '0.1.0';
RESET ROLE;
SAVEPOINT his;
ALTER EXTENSION migrate UPDATE;
SELECT is_empty($$SELECT relname FROM pg_class WHERE relname LIKE 'migrate\_%'
                  AND relkind = 'r' AND relowner <> 'keeper'::regrole$$,
                'the new tables are his as well');
SELECT ok(has_function_privilege('keeper', f, 'EXECUTE WITH GRANT OPTION'),
          'and so is ' || f)
FROM unnest(ARRAY['migrate_verify()', 'migrate_deploy(text)']) f;
SET migrate.trusted_roles = keeper;
SET ROLE keeper;
SELECT migrate_add('1', 'CREATE TABLE his (id integer)');
SELECT is(migrate_apply(), 1, 'he goes on');
RESET ROLE;
ROLLBACK TO without;

-- Later: each right is named, nothing is written, the hint takes it away.
CREATE EXTENSION migrate;
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT migrate_apply();
SELECT migrate_add('2', 'CREATE TABLE two (id integer)', 'DROP TABLE two');

CREATE FUNCTION trouble(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN message || ' | ' || hint;
END $$;
CREATE FUNCTION refused(sql text, what text, tab text, remedy text)
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    call text;
    events bigint := (SELECT count(*) FROM migrate_event);
BEGIN
    EXECUTE sql;
    FOREACH call IN ARRAY ARRAY['migrate_apply()', 'migrate_rollback()',
        'migrate_stamp(''base'')', 'migrate_add(''9'', ''SELECT 9'')',
        'migrate_config(''environment'', ''x'')']
    LOOP
        RETURN NEXT is(trouble('SELECT ' || call), format(
            'somebody has given %s on table "%s" of the catalogue | Nothing '
            'is written while it is so.  Find out what was done with it, then '
            'take it away: %s', what, tab, remedy), sql || ': ' || call);
    END LOOP;
    RETURN NEXT is((SELECT count(*) FROM migrate_event), events, 'no event');
    RETURN NEXT is((SELECT state FROM migrate_preflight()
                    WHERE name = 'catalogue'), 'error', 'preflight says so');
    RETURN NEXT results_eq(
        'SELECT object, problem, hint FROM migrate_verify()
         WHERE kind = ''catalogue''', format(
        'VALUES (%L::text, %L::text, %L::text)', tab,
        format('somebody has given %s on it', what),
        'Find out what was done with it, then take it away: ' || remedy),
        'and verify');
    EXECUTE remedy;
    RETURN NEXT is_empty('SELECT * FROM migrate_verify() '
                         'WHERE kind = ''catalogue''', remedy);
    RETURN NEXT is(trouble('SELECT migrate_config(''environment'', '
                           || quote_literal(clock_timestamp()) || ')'),
                   'no error', 'and it goes on');
END $$;

SELECT refused(format('GRANT %s ON %s TO app', r, t),
               format('role "app" %s', r), t,
               format('REVOKE %s ON public.%s FROM app', r, t))
FROM unnest(ARRAY['migrate_text', 'migrate_migration', 'migrate_applied',
                  'migrate_event', 'migrate_setting', 'migrate_object',
                  'migrate_delta', 'migrate_ddl']) t,
     unnest(ARRAY['DELETE', 'INSERT']) r;
SELECT refused(format('GRANT %s ON migrate_event TO app', r),
               format('role "app" %s', r), 'migrate_event',
               format('REVOKE %s ON public.migrate_event FROM app', r))
FROM unnest(ARRAY['UPDATE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) r;
SELECT refused('GRANT ALL ON migrate_text TO app',
    'role "app" DELETE, INSERT, REFERENCES, TRIGGER, TRUNCATE, UPDATE',
    'migrate_text', 'REVOKE DELETE, INSERT, REFERENCES, TRIGGER, TRUNCATE, '
    'UPDATE ON public.migrate_text FROM app');
SELECT refused('GRANT UPDATE (up) ON migrate_migration TO app',
               'role "app" UPDATE', 'migrate_migration',
               'REVOKE UPDATE ON public.migrate_migration FROM app');
SELECT refused('GRANT INSERT ON migrate_text TO PUBLIC', 'everybody INSERT',
               'migrate_text', 'REVOKE INSERT ON public.migrate_text '
               'FROM PUBLIC');
CREATE ROLE "od""d";
SELECT refused('GRANT INSERT ON migrate_text TO "od""d" WITH GRANT OPTION',
               'role "od"d" INSERT', 'migrate_text', 'REVOKE INSERT ON '
               'public.migrate_text FROM "od""d" CASCADE');
SELECT refused('ALTER TABLE migrate_event OWNER TO app',
               'role "app" the owner''s rights', 'migrate_event',
               format('ALTER TABLE public.migrate_event OWNER TO %I',
                      current_user));
-- All tables that it was given to are in the remedy.
SAVEPOINT several;
GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO app;
SELECT is(trouble('SELECT migrate_apply()'), 'somebody has given role "app" '
    'INSERT, UPDATE on table "migrate_applied" of the catalogue | Nothing is '
    'written while it is so.  Find out what was done with it, then take it '
    'away: REVOKE INSERT, UPDATE ON ' || string_agg('public.' || relname, ', '
    ORDER BY relname) || ' FROM app', 'one REVOKE for all')
FROM pg_class WHERE relname LIKE 'migrate\_%' AND relkind = 'r';
ROLLBACK TO several;

-- A migration may mean all tables of a schema: those of its own.
SELECT migrate_add('given', 'CREATE TABLE given (id integer);
    GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO app;
    GRANT ALL ON ALL TABLES IN SCHEMA public TO keeper WITH GRANT OPTION;
    SET ROLE keeper; GRANT INSERT ON migrate_text TO PUBLIC; RESET ROLE',
    'DO $do$ BEGIN GRANT UPDATE (body) ON migrate_text TO app; END $do$;
     REVOKE ALL ON given FROM app');
SELECT is(trouble('SELECT migrate_apply(''given'')'), 'no error',
          'a GRANT to all tables can be applied');
SELECT is((SELECT detail FROM migrate_history() WHERE version = 'given'
           AND action = 'apply'),
    'rights to write the extension''s tables, which only their owner may have, '
    'are taken away again: role "app" INSERT, UPDATE; role "keeper" DELETE, '
    'INSERT, REFERENCES, TRIGGER, TRUNCATE, UPDATE; everybody INSERT',
    'the history says what is not kept of it');
SELECT is_empty($$SELECT * FROM held WHERE kind <> 'function' AND what IN
    ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER')$$,
    'which are the rights to write');
SELECT ok(has_table_privilege('app', 'given', 'INSERT') AND
          has_table_privilege('app', 'migrate_event', 'SELECT'),
          'and those alone');
SELECT is_empty('SELECT * FROM migrate_drift() WHERE object LIKE ''%given%''',
                'what it gave of its own is recorded');
SELECT migrate_rollback();
SELECT matches((SELECT detail FROM migrate_history() WHERE version = 'given'
                AND action = 'rollback'), 'away again: role "app" UPDATE',
               'likewise by a way back');
ROLLBACK TO several;

-- By this one's owner the tables are read.
SAVEPOINT own;
ALTER TABLE migrate_migration OWNER TO app;
SELECT isnt(trouble('SELECT migrate_apply()'), 'no error',
            'nothing is run with another owner''s rights');
ROLLBACK TO own;

-- Who has the owner's rights anyway, and who only reads.
CREATE ROLE admin SUPERUSER;
GRANT ALL ON migrate_event TO admin;
GRANT SELECT ON migrate_event TO app;
SELECT is_empty('SELECT * FROM migrate_verify() WHERE kind = ''catalogue''',
                'others may read');
DO $$ BEGIN EXECUTE format('GRANT %I TO heir', current_user); END $$;
GRANT INSERT ON migrate_event TO heir;
SELECT is_empty('SELECT * FROM migrate_verify() WHERE kind = ''catalogue''',
                'members of the owner''s role may what they may anyway');
SELECT is(migrate_apply(), 1, 'and a run is let be');
SELECT finish();
ROLLBACK;
