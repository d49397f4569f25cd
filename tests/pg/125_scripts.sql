-- Scripts as people write them.
BEGIN;
SELECT plan(38);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
CREATE TABLE seen (t text);

-- Apply a script anew, and return what "seen" then holds; or say what failed.
CREATE FUNCTION outcome(script text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    rows text;
BEGIN
    DELETE FROM seen;
    PERFORM migrate_stamp('base'), migrate_add('1', script);
    PERFORM migrate_apply();
    SELECT string_agg(t, ' ' ORDER BY t) INTO rows FROM seen;
    RETURN coalesce(rows, '');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- Semicolons that end nothing
SELECT is(outcome(script), wanted, name)
FROM (VALUES
    ('dollar quotes in dollar quotes', $x$
        CREATE FUNCTION f1() RETURNS text LANGUAGE plpgsql AS $f$
        BEGIN
            EXECUTE $$ INSERT INTO seen VALUES ('a;'); $$;
            EXECUTE $_1$ INSERT INTO seen VALUES ($$b;$$); $_1$;
            RETURN ';';
        END $f$;
        SELECT f1(); INSERT INTO seen SELECT $$c$;$$;$x$, 'a; b; c$;'),
    ('dollars that quote nothing',
     $x$PREPARE p AS INSERT INTO seen SELECT $1 || $2; EXECUTE p ('a;', 'b');
        DEALLOCATE p;$x$, 'a;b'),
    ('strings of all kinds',
     $x$INSERT INTO seen VALUES ('a;'';'), (E'b\';'), (U&'\0063;'), (N'd;'),
        (U&'!0065;' UESCAPE '!'), ('f'
        ';'), (B'01;'::text);$x$,
     '22P02 migration "1" failed at line 3: ";" is not a valid binary digit'),
    ('names with semicolons',
     $x$CREATE TABLE "a;b" ("c;" text DEFAULT 'd'); INSERT INTO "a;b" VALUES (';');
        INSERT INTO seen SELECT "c;" FROM U&"\0061;b";$x$, ';'),
    ('comments with semicolons', E'-- a; \n/* ; /* ; */ ; */ SELECT 1; -- ;', ''),
    ('a rule of several statements',
     $x$CREATE VIEW v AS SELECT t FROM seen;
        CREATE RULE r AS ON INSERT TO v DO INSTEAD (
            INSERT INTO seen VALUES (new.t || ';');
            INSERT INTO seen VALUES ('again'));
        INSERT INTO v VALUES ('a');$x$, 'a; again'),
    ('DO', $x$DO LANGUAGE plpgsql $do$ BEGIN
        FOR i IN 1 .. 3 LOOP INSERT INTO seen VALUES (i); END LOOP;
        END; $do$;$x$, '1 2 3'),
    ('temporary tables',
     $x$CREATE TEMP TABLE scratch ON COMMIT DROP AS SELECT 'a' AS t;
        INSERT INTO seen SELECT t FROM scratch;$x$, 'a'),
    ('a procedure', $x$CREATE PROCEDURE p(x text) LANGUAGE sql AS
        'INSERT INTO seen VALUES (x); INSERT INTO seen VALUES (x || x)';
        CALL p('a');$x$, 'a aa'),
    ('an extension', $x$CREATE EXTENSION file_fdw; CREATE SERVER s
        FOREIGN DATA WRAPPER file_fdw; INSERT INTO seen VALUES ('made')$x$,
     'made'),
    ('a schema with what is in it',
     $x$CREATE SCHEMA room CREATE TABLE chair (i int) CREATE VIEW v AS
        SELECT i FROM chair; INSERT INTO room.chair VALUES (1);$x$, ''),
    ('a cursor', $x$DECLARE c CURSOR FOR SELECT 1; FETCH c; CLOSE c;$x$, ''),
    ('nothing behind the last semicolon', E'SELECT 1;\n\n;\n-- end', ''))
    AS given (name, script, wanted);

-- The bodies of functions that are not in quotes
SELECT CASE WHEN current_setting('server_version_num')::int < 140000
    THEN skip('BEGIN ATOMIC is of PostgreSQL 14', 4)
    ELSE collect_tap(
        is(outcome($x$
            CREATE FUNCTION atomic(i int) RETURNS int
            BEGIN ATOMIC
                INSERT INTO seen VALUES ('a;');
                SELECT CASE WHEN i > 1 THEN 2 ELSE 3 END;
            END;
            INSERT INTO seen SELECT atomic(1);$x$), '3 a;', 'BEGIN ATOMIC'),
        is(outcome(E'CREATE FUNCTION other() RETURNS int\n'
                   'BEGIN ATOMIC SELECT 1; END;\n'
                   'COPY seen FROM stdin;\nx\n\\.\nSELECT other();'), 'x',
           'and data behind it'),
        is(outcome(E'CREATE FUNCTION wrong() RETURNS void\nBEGIN ATOMIC\n'
                   'SELECT CASE WHEN true THEN 1 END;\n'
                   'COPY seen FROM stdin;\nEND;'),
           '0A000 migration "1" failed at line 1: COPY is not yet supported in '
           'unquoted SQL function body', 'but none in it'),
        is(outcome(E'BEGIN;\nCREATE FUNCTION last() RETURNS int\n'
                   'BEGIN ATOMIC SELECT 1; END;\nEND;\n'
                   'BEGIN; COPY seen FROM stdin;\nx\n\\.\nEND'), 'x',
           'between BEGIN and END')) END;

-- Strings are read with the value that the session gives the setting.
SELECT is(outcome($x$SET standard_conforming_strings = on;
                     INSERT INTO seen VALUES ('a\');$x$), 'a\',
          'the value that is in force already');
SELECT is(outcome($x$SET standard_conforming_strings = off;
                     INSERT INTO seen VALUES ('a\\');$x$),
          '0A000 migration "1" failed at line 1: standard_conforming_strings '
          'cannot change before a string with a backslash', 'another value');
SELECT is(outcome($x$INSERT INTO seen VALUES ('a\');
                     SET LOCAL Standard_Conforming_Strings TO 'false';
                     INSERT INTO seen VALUES ('b;'), (E'c\\'), ($$d\$$);$x$),
          'a\ b; c\ d\', 'another one that decides on no string');
SELECT is(outcome($x$SET standard_conforming_strings = off;
                     SET standard_conforming_strings = on;
                     INSERT INTO seen VALUES ('a\');$x$),
          '0A000 migration "1" failed at line 1: standard_conforming_strings '
          'cannot change before a string with a backslash',
          'and back, which is not followed');
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT is(outcome($x$INSERT INTO seen VALUES ('a\';\\'), ('\'' 'b');$x$),
          $$42601 migration "1" failed at line 1: syntax error at or near "'b'"$$,
          'a session with the old value');
SELECT is(outcome($x$INSERT INTO seen VALUES ('a\';\\'), ('\'');
COPY seen FROM stdin;
b
\.
$x$), $$' a';\ b$$, 'and with data');
RESET standard_conforming_strings;
RESET escape_string_warning;

-- Settings do not leak, neither into the next migration nor into the session.
SELECT migrate_config('project', 'settings');
CREATE ROLE other;
GRANT ALL ON seen TO other;
CREATE SCHEMA side;
CREATE FUNCTION state() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', current_user, session_user,
                     current_setting('search_path'),
                     current_setting('work_mem'),
                     nullif(current_setting('migrate_test.x', true), ''),
                     current_setting('row_security'),
                     current_setting('client_encoding'),
                     current_setting('standard_conforming_strings')) $$;
CREATE TEMP TABLE before AS SELECT state() AS is;
-- Apply a statement, and then a migration that tells what it finds.
CREATE FUNCTION found_behind(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    behind text;
BEGIN
    DELETE FROM seen;
    PERFORM migrate_stamp('base');
    PERFORM migrate_add('1', change);
    PERFORM migrate_add('2', 'INSERT INTO seen SELECT state()');
    PERFORM migrate_apply();
    SELECT t INTO behind FROM seen;
    RETURN CASE WHEN behind = state() THEN behind
                ELSE behind || ' / ' || state() END;
END $$;
CREATE FUNCTION found_after_error(change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_stamp('base');
    PERFORM migrate_add('1', change || '; SELECT 1/0');
    BEGIN
        PERFORM migrate_apply();
        RETURN 'no error';
    EXCEPTION WHEN division_by_zero THEN
        RETURN public.state();
    END;
END $$;
SELECT is(found_behind(change) || ' ' || found_after_error(change),
          before.is || ' ' || before.is, change)
FROM before, (VALUES
    ('SET search_path = side'), ('SET LOCAL search_path = side'),
    ('SELECT set_config(''search_path'', '''', false)'),
    ('SELECT set_config(''search_path'', '''', true)'),
    ('SET work_mem = ''5MB''; SET LOCAL work_mem = ''6MB'''),
    ('RESET ALL'), ('SET ROLE other'), ('SET LOCAL ROLE other'),
    ('SET SESSION AUTHORIZATION other'),
    ('SET migrate_test.x = 1'), ('SET row_security = off'),
    ('SET client_encoding = ''LATIN1'''), ('SET NAMES ''LATIN1'''),
    ('SET standard_conforming_strings = off'),
    ('DO $$ BEGIN PERFORM set_config(''search_path'', ''side'', false); END $$'))
    AS given (change);

SELECT * FROM finish();
ROLLBACK;
