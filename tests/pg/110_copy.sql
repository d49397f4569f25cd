-- COPY ... FROM stdin with its data in the script, as pg_dump writes it.
BEGIN;
SELECT plan(66);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
CREATE TABLE pair (i int, t text);

CREATE TYPE report AS (state text, message text, detail text, hint text,
                       context text);
CREATE FUNCTION trouble(command text) RETURNS report LANGUAGE plpgsql AS $$
DECLARE
    r report;
BEGIN
    EXECUTE command;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS r.state = RETURNED_SQLSTATE,
        r.message = MESSAGE_TEXT, r.detail = PG_EXCEPTION_DETAIL,
        r.hint = PG_EXCEPTION_HINT, r.context = PG_EXCEPTION_CONTEXT;
    RETURN r;
END $$;

-- Apply a script anew, and return what "pair" then holds; or say what failed.
CREATE FUNCTION pairs(script text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    rows text;
BEGIN
    DELETE FROM pair;
    PERFORM migrate_stamp('base'), migrate_add('1', script);
    PERFORM migrate_apply();
    SELECT string_agg(concat(i, '=', coalesce(t, 'NULL')), ' ' ORDER BY i)
    INTO rows FROM pair;
    RETURN coalesce(rows, '');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- The report of a script that fails.
CREATE FUNCTION failure(script text) RETURNS report LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pair;
    PERFORM migrate_stamp('base'), migrate_add('1', script);
    RETURN trouble('SELECT migrate_apply()');
END $$;

-- Where an error in data is found: in its row, before 14 at the COPY.
CREATE FUNCTION at_line(row_line int, copy_line int) RETURNS text
LANGUAGE sql AS $$
    SELECT format('migration "1" failed at line %s: ',
                  CASE WHEN current_setting('server_version_num')::int < 140000
                       THEN copy_line ELSE row_line END)
$$;

-- Forms
SELECT is(pairs(script), wanted, name)
FROM (VALUES
    ('data', E'COPY pair FROM stdin;\n1\ta\n2\t\\N\n\\.\n', '1=a 2=NULL'),
    ('no rows', E'COPY pair FROM stdin;\n\\.\n', ''),
    ('statements around it, in their order',
     E'INSERT INTO pair VALUES (1, ''a'');\n'
     'COPY pair (t, i) FROM stdin;\nb\t2\n\\.\n\n'
     'UPDATE pair SET t = t || i;\n'
     'COPY pair FROM stdin;\n3\tc\n\\.\nUPDATE pair SET t = t || ''.'';',
     '1=a1. 2=b2. 3=c.'),
    ('several COPYs',
     E'COPY pair FROM stdin;\n1\ta\n\\.\nCOPY pair FROM stdin;\n\\.\n\n\n'
     'COPY pair FROM stdin;\n2\tb\n\\.\n', '1=a 2=b'),
    ('columns', E'COPY public.pair (i) FROM stdin;\n5\n\\.\n', '5=NULL'),
    ('names in quotes',
     E'COPY "public" . "pair" ("i") FROM stdin;\n5\n\\.\n', '5=NULL'),
    ('csv', E'COPY pair FROM STDIN (FORMAT csv);\n1,"a\nb"\n2,\n\\.\n',
     E'1=a\nb 2=NULL'),
    ('csv with a header',
     E'copy pair from STDIN with (format CSV, header true, delimiter ''|'',\n'
     'null ''-'');\ni|t\n1|-\n2|"x|y"\n\\.\nSELECT 1', '1=NULL 2=x|y'),
    ('old syntax', E'COPY pair FROM STDIN DELIMITERS '','' WITH NULL AS ''-'';'
                   '\n1,-\n\\.\n', '1=NULL'),
    ('old syntax for csv',
     E'COPY pair FROM STDIN WITH CSV HEADER QUOTE AS '''''''';\n'
     'i,t\n1,''a,b''\n\\.\n', '1=a,b'),
    ('force not null',
     E'COPY pair FROM stdin (FORMAT csv, FORCE_NOT_NULL (t));\n1,\n\\.\n',
     '1='),
    ('STDOUT, which the server takes for the same',
     E'COPY pair FROM stdout;\n1\ta\n\\.\n', '1=a'),
    ('comments and lines in it',
     E'/* one; */ COPY -- two;\n pair\nFROM /* stdin; */ stdin -- three\n;'
     ' -- four\n1\ta\n\\.\n', '1=a'),
    ('behind a comment that speaks of it',
     E'-- COPY pair FROM stdin;\n/* COPY pair FROM stdin;\n1\n\\.\n */\n'
     'COPY pair FROM stdin;\n1\ta\n\\.\n', '1=a'),
    ('behind BEGIN', E'BEGIN;\nCOPY pair FROM stdin;\n1\ta\n\\.\nCOMMIT;\n'
                     'BEGIN; COPY pair FROM stdin;\n2\tb\n\\.\nEND;',
     '1=a 2=b'),
    ('several statements on the line before it',
     E'SELECT 1; SELECT 2; COPY pair FROM stdin;\n1\ta\n\\.\nSELECT 3',
     '1=a'),
    ('CRLF', E'SELECT 1;\r\nCOPY pair FROM stdin;\r\n1\ta\r\n2\tb\r\n\\.\r\n'
             'INSERT INTO pair VALUES (3, ''c'');\r\n', '1=a 2=b 3=c'),
    ('a file that ends at the mark', E'COPY pair FROM stdin;\n1\ta\n\\.',
     '1=a'),
    ('a file that ends with the data', E'COPY pair FROM stdin;\n1\ta\n2\tb',
     '1=a 2=b'),
    ('a last line of data', E'COPY pair FROM stdin;\n1\ta\n2\tb\n', '1=a 2=b'),
    ('data that look like SQL',
     E'COPY pair FROM stdin;\n1\tit''s $$ /* -- "; (\n'
     '2\tCOPY pair FROM stdin;\n3\t\\\\.\n4\t\\\\echo\n\\.\n'
     'UPDATE pair SET t = ''x'' WHERE i = 1',
     '1=x 2=COPY pair FROM stdin; 3=\. 4=\echo'),
    ('characters of several bytes',
     E'SELECT ''ä€😀'';\nCOPY pair FROM stdin;\n1\tä€😀\n\\.\n'
     'UPDATE pair SET t = t || ''ü''', '1=ä€😀ü'),
    ('an escaped end of line',
     E'COPY pair FROM stdin;\n1\ta\\\nb\n2\tc\n\\.\n', E'1=a\nb 2=c'))
    AS given (name, script, wanted);

-- What only looks like it
CREATE FUNCTION quoted() RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
SELECT is(pairs(script || E'INSERT INTO pair VALUES (1, quoted());'), wanted,
          name)
FROM (VALUES
    ('in the body of a function',
     E'CREATE OR REPLACE FUNCTION quoted() RETURNS text LANGUAGE sql AS $x$\n'
     'SELECT $$;\ncopy pair from stdin;\n1\n\\.\n$$ $x$;\n',
     E'1=;\ncopy pair from stdin;\n1\n\\.\n'),
    ('in a string',
     E'CREATE OR REPLACE FUNCTION quoted() RETURNS text LANGUAGE sql AS\n'
     '''SELECT ''''\\a\\;\ncopy pair from stdin;\n\\.\n'''''';\n',
     E'1=\\a\\;\ncopy pair from stdin;\n\\.\n'),
    ('in a string with escapes',
     E'CREATE OR REPLACE FUNCTION quoted() RETURNS text LANGUAGE sql AS\n'
     'E''SELECT E\\''\\\\\\\\;\ncopy pair from stdin;\n\\\\\\\\.\n\\''''\n'
     '''::text /* \\'' */'';\n',
     E'1=\\;\ncopy pair from stdin;\n\\.\n'),
    ('in a name', E'CREATE TEMP TABLE ";\ncopy pair from stdin;\n\\.\n" ();\n',
     E'1=\\;\ncopy pair from stdin;\n\\.\n'))
    AS given (name, script, wanted);
SELECT is(pairs(E'CREATE TABLE stdin (copy int, stdin int);\n'
                'INSERT INTO stdin (copy, stdin) VALUES (1, 2);\n'
                'INSERT INTO pair SELECT copy, stdin FROM stdin;'), '1=2',
          'as names of a table and of columns');
SELECT is(pairs($x$COPY (SELECT 1 FROM stdin) TO '/nowhere/at/all';
                   SELECT 1$x$),
          '58P01 migration "1" failed at line 1: could not open file '
          '"/nowhere/at/all" for writing: No such file or directory',
          'COPY to a file of the server');

-- Refused
SELECT is(pairs(script), wanted, name)
FROM (VALUES
    ('COPY TO STDOUT', 'CREATE TABLE early (); COPY pair TO STDOUT',
     '0A000 migration "1" failed at line 1: COPY TO STDOUT cannot stand in a '
     'migration'),
    ('COPY TO STDIN, which is the same', 'COPY pair TO STDIN',
     '0A000 migration "1" failed at line 1: COPY TO STDOUT cannot stand in a '
     'migration'),
    ('binary format',
     E'CREATE TABLE early ();\nCOPY pair FROM STDIN (FORMAT binary);\nx\n\\.\n',
     '0A000 migration "1" failed at line 2: COPY FROM STDIN in binary format '
     'cannot stand in a migration'),
    ('binary format, old syntax',
     E'CREATE TABLE early ();\nCOPY BINARY pair FROM STDIN;\nx\n\\.\n',
     '0A000 migration "1" failed at line 2: COPY FROM STDIN in binary format '
     'cannot stand in a migration'),
    ('no data', E'CREATE TABLE early ();\nCOPY pair FROM STDIN',
     '0A000 migration "1" failed at line 2: COPY FROM STDIN without data '
     'cannot stand in a migration'),
    ('no data behind its semicolon',
     E'CREATE TABLE early ();\nCOPY pair FROM STDIN; -- x\n',
     '0A000 migration "1" failed at line 2: COPY FROM STDIN without data '
     'cannot stand in a migration'),
    ('a statement on its line',
     E'CREATE TABLE early ();\nCOPY pair FROM STDIN; SELECT 1;\n1\ta\n\\.\n',
     '22023 migration "1" failed at line 2: something stands behind COPY FROM '
     'STDIN on its line'),
    ('an error of syntax behind it',
     E'CREATE TABLE early ();\nCOPY pair FROM STDIN;\n1\ta\n2\tb\n\\.\n\n'
     'COPY pair FROM STDIN;\n1\ta\n\\.\n SELEKT',
     '42601 migration "1" failed at line 10: syntax error at or near "SELEKT"'),
    ('an unknown option',
     E'SELECT 1;\nCOPY pair FROM STDIN\n(FORMAT csv,\nCOLOUR green);\n1\n\\.\n',
     '42601 migration "1" failed at line 4: option "colour" not recognized'),
    ('an unknown table', E'SELECT 1;\nCOPY absent FROM STDIN;\n1\n\\.\n',
     '42P01 migration "1" failed at line 2: relation "absent" does not exist'),
    ('an unknown column', E'SELECT 1;\nCOPY pair (j) FROM STDIN;\n1\n\\.\n',
     '42703 migration "1" failed at line 2: column "j" of relation "pair" '
     'does not exist'))
    AS given (name, script, wanted);
SELECT hasnt_table('early', 'nothing of them was run');
SELECT is(pairs($x$DO $$ BEGIN COPY pair FROM stdin; END $$$x$),
          '0A000 migration "1" failed at line 1: cannot COPY to/from client in '
          'PL/pgSQL', 'in a DO block: the server''s own error');
SELECT is(pairs(E'CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $x$\n'
                'COPY pair FROM stdin;\n1\n\\.\n$x$'),
          '42601 migration "1" failed at line 3: syntax error at or near "1"',
          'likewise in a function');
SELECT is((failure(E'COPY pair FROM STDIN; SELECT 1;\n1\n\\.\n')).hint,
          'Its data begin on the next line, and end at a line \. that holds '
          'nothing else.', 'says where data begin');

-- An error in the data
CREATE TEMP TABLE said AS SELECT f.* FROM
    failure(E'-- one\nSELECT 1;\nCOPY pair\nFROM stdin;\n1\ta\n2\tb\nx\tc\n'
            '\\.\nSELECT 2') f;
SELECT is(state, '22P02', 'the server''s own SQLSTATE') FROM said;
SELECT is(message, at_line(7, 3) ||
          'invalid input syntax for type integer: "x"',
          'the line is that of the row') FROM said;
SELECT is(detail, 'Statement 2 of section up of its text: COPY pair FROM stdin',
          'names the statement, without its data') FROM said;
SELECT is(hint, '', 'the data are well-formed') FROM said;
SELECT matches(context, 'COPY pair, line 3, column i: "x"',
               'the server''s context is there') FROM said;
SELECT is((f).message, wanted, name)
FROM (VALUES
    ('a row with too few columns',
     failure(E'COPY pair FROM stdin;\n1\ta\n2\n\\.\n'),
     at_line(3, 1) || 'missing data for column "t"'),
    ('behind other data, on another line',
     failure(E'COPY pair FROM stdin;\n1\ta\n\\.\n\nCOPY pair FROM stdin;\n'
             '1\ta\n2\tb\tc\n\\.\n'),
     at_line(7, 5) || 'extra data after last expected column'),
    ('behind a header', failure(E'COPY pair FROM stdin CSV HEADER;\ni,t\n1,a\n'
                                'x,b\n\\.\n'),
     at_line(4, 1) || 'invalid input syntax for type integer: "x"'),
    ('behind a value of several lines',
     failure(E'COPY pair FROM stdin CSV;\n1,"a\nb"\nx,b\n\\.\n'),
     at_line(4, 1) || 'invalid input syntax for type integer: "x"'),
    ('behind a value of several lines, later',
     failure(E'COPY pair FROM stdin CSV;\n0,\n1,"a\n\nb"\n2,"""\nx"\nx,b\n'
             '\\.\n'),
     at_line(8, 1) || 'invalid input syntax for type integer: "x"'),
    ('behind a value of several lines with CRLF',
     failure(E'COPY pair FROM stdin CSV;\r\n1,"a\r\nb"\r\n2,"\r\n"\r\nx,b\r\n'
             '\\.\r\n'),
     at_line(6, 1) || 'invalid input syntax for type integer: "x"'),
    ('behind an escaped end of line',
     failure(E'COPY pair FROM stdin;\n1\ta\\\nb\nx\tb\n\\.\n'),
     at_line(4, 1) || 'invalid input syntax for type integer: "x"'),
    ('with CRLF', failure(E'COPY pair FROM stdin;\r\n1\ta\r\nx\tb\r\n\\.\r\n'),
     at_line(3, 1) || 'invalid input syntax for type integer: "x"'),
    ('in a value that is not UTF-8',
     failure(E'COPY pair FROM stdin;\n1\ta\n2\t\\xe9\n\\.\n'),
     at_line(3, 1) || 'invalid byte sequence for encoding "UTF8": 0xe9'))
    AS given (name, f, wanted);


-- Data that seem to go on for too long; before 14 the row is not known.
SELECT is((f).hint, CASE WHEN in_row
                         AND current_setting('server_version_num')::int < 140000
                    THEN '' ELSE wanted END, name)
FROM (VALUES
    ('a mark that is missing',
     failure(E'COPY pair FROM stdin;\n1\ta\n\nSELECT 1;\n'),
     'No line \. ends the data of this COPY: they go on to the end of the '
     'text.', false),
    ('the mark of the next COPY',
     failure(E'COPY pair FROM stdin;\n1\ta\nCOPY pair FROM stdin;\n2\tb\n\\.\n'),
     'The data of a COPY go on to a line \. that holds nothing else.', true),
    ('a statement where a number stands',
     failure(E'COPY pair (i) FROM stdin;\n1\nSELECT 1;\n\\.\n'),
     'The data of a COPY go on to a line \. that holds nothing else.', true),
    ('an error that has nothing to do with it',
     failure(E'COPY pair (i) FROM stdin;\n1\nx\n\\.\n'), '', false),
    ('before any of them is read', failure(E'COPY absent FROM stdin;\n1\n'), '',
     false))
    AS given (name, f, wanted, in_row);

-- What fails behind the last row is no row's fault.
CREATE TABLE whole (i int PRIMARY KEY);
CREATE TABLE part (i int REFERENCES whole);
SELECT is((failure(E'SELECT 1;\nCOPY part FROM stdin;\n1\n2\n\\.\n')).message,
          'migration "1" failed at line 2: insert or update on table "part" '
          'violates foreign key constraint "part_i_fkey"',
          'a check at the end of COPY');
SELECT is((failure(E'COPY whole FROM stdin;\n1\n2\n1\n3\n\\.\n')).message,
          at_line(4, 1) || 'duplicate key value violates unique constraint '
          '"whole_pkey"', 'one of the row');
SELECT is((failure(E'COPY whole FROM stdin;\n1\n\\.\nSELECT absent')).message,
          'migration "1" failed at line 4: column "absent" does not exist',
          'a statement behind data');

SELECT * FROM finish();
ROLLBACK;
