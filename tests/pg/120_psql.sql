-- Commands of psql in a script.
BEGIN;
SELECT plan(125);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
CREATE TABLE seen (i int, t text);

-- Apply a script anew, and return what "seen" then holds; or say what failed.
CREATE FUNCTION outcome(script text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
    rows text;
BEGIN
    DELETE FROM seen;
    PERFORM migrate_stamp('base'), migrate_add('1', script);
    PERFORM migrate_apply();
    SELECT string_agg(concat(i, t), ' ' ORDER BY i, t) INTO rows FROM seen;
    RETURN coalesce(rows, '');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ' ' || SQLERRM || ': ' || hint;
END $$;

-- What only prints, or says how psql prints or stops, is passed over.
SELECT is(outcome(E'INSERT INTO seen VALUES (1);\n' || command ||
                  E'\nINSERT INTO seen VALUES (2);'), '1 2', command)
FROM unnest(ARRAY[
    '\echo', '\echo done', '\echo it''s "done" (or; not $$ /* --', '\qecho x',
    '\warn ''x;'' `date`', '\restrict 4gq7EZ', '\unrestrict 4gq7EZ',
    '\timing', '\timing on', '  \timing off  ', '\pset pager off',
    '\pset null ''(null)''', '\x', '\x on', '\a', '\t on', '\H', '\C title',
    '\f '',''', '\T border=1', '\p', '\conninfo', '\copyright', '\errverbose',
    '\h SELECT', '\?', '\d', '\d seen', '\d+ seen', '\dt', '\dtS+ *.*', '\dn',
    '\df', '\l', '\list+', '\sf outcome', '\sv+ v', '\z seen',
    '\set', '\set ON_ERROR_STOP on', '\set ON_ERROR_STOP', '\set QUIET 1',
    '\set VERBOSITY terse', '\set ECHO all', '\set AUTOCOMMIT off',
    '\unset ON_ERROR_STOP', '\encoding', '\encoding UTF8', '\encoding utf-8',
    '\encoding ''UTF8''', E'\\timing\r',
    '\timing on \echo now \pset pager off'
]) AS command;

-- Where one may stand
SELECT is(outcome(script), wanted, name)
FROM (VALUES
    ('at the end', E'INSERT INTO seen VALUES (1);\n\\echo', '1'),
    ('behind a statement', 'INSERT INTO seen VALUES (1); \echo x', '1'),
    ('in a statement', E'INSERT INTO seen\n\\echo it''s\nVALUES (1);', '1'),
    ('before a statement on its line',
     E'\\timing on \\\\ INSERT INTO seen VALUES (1);\n', '1'),
    ('between strings that go on',
     E'INSERT INTO seen VALUES (1, ''a''\n\\echo b\n''c'');', '1ac'),
    ('nothing else', '\echo', ''),
    ('\q with nothing behind it but a comment',
     E'INSERT INTO seen VALUES (1);\n\\q\n-- end\n', '1'),
    ('\quit', E'INSERT INTO seen VALUES (1);\n\\quit', '1'),
    ('behind characters of several bytes',
     E'\\echo ä€😀\nINSERT INTO seen VALUES (1, ''ü'');', '1ü'))
    AS given (name, script, wanted);

-- Where a backslash is none
SELECT is(outcome(script), wanted, name)
FROM (VALUES
    ('in a string', $x$INSERT INTO seen VALUES (1, '\i file');$x$, '1\i file'),
    ('at the end of a string',
     $x$INSERT INTO seen VALUES (1, 'it''s \'), (2, '\');$x$, '1it''s \ 2\'),
    ('in a string with escapes',
     $x$INSERT INTO seen VALUES (1, E'\\\'\i'), (2, e'\\');$x$, '1\''i 2\'),
    ('in a string with escapes that goes on', E'INSERT INTO seen VALUES\n'
     '(1, E''a\\'''' -- b''\n  ''\\'';c'');', '1a'''';c'),
    ('in the second part of a string with escapes',
     E'INSERT INTO seen VALUES (1, E''a'' -- ''\n''c\\'' \\\\i'');', '1ac'' \i'),
    ('in a string with quotes that are doubled',
     $x$INSERT INTO seen VALUES (1, E'''\''), (2, '''\');$x$, '1'''' 2''\'),
    ('in a string of Unicode escapes',
     $x$INSERT INTO seen VALUES (1, U&'\0041\\'), (2, U&'!0041\' UESCAPE '!');$x$,
     '1A\ 2A\'),
    ('in dollar quotes',
     E'INSERT INTO seen VALUES (1, $$\n\\i $a$ \\'' $$), (2, $a$\\$$\\$a$);',
     E'1\n\\i $a$ \\''  2\\$$\\'),
    ('in tags of more than ASCII',
     E'INSERT INTO seen VALUES (1, $ä1_$\\$ä$\\$ä1_$);', E'1\\$ä$\\'),
    ('in a name', $x$SELECT 1 AS "\i ""\q", 2 AS U&"\0041";$x$, ''),
    ('in comments', E'-- \\i file''\n/* \\i /* '' */ \\q */ SELECT 1 -- \\', ''),
    ('behind names with a dollar, or that end in e',
     $x$SELECT 1 AS a$b$, 2 AS c$b$; SELECT name'\', bytea'';$x$, ''),
    ('behind a name with dollars',
     E'SELECT 1 AS a$b$;\nCOPY seen FROM stdin;\n1\ta\n\\.\n', '1a'),
    ('behind operators that a comment ends',
     E'INSERT INTO seen SELECT 1 +/* \\ */ 1 --\\\n;', '2'))
    AS given (name, script, wanted);

-- What cannot be done, and what to do instead
SELECT matches(outcome(E'INSERT INTO seen VALUES (1);\n\n' || command ||
                       E'\nINSERT INTO seen VALUES (2);'),
               '^0A000 migration "1" failed at line 3: psql''s command ' ||
               regexp_replace(split_part(command, ' ', 1), '([^\w])', '\\\1',
                              'g') || ' cannot stand in a migration: ' || hint,
               command)
FROM (VALUES
    ('\i other.sql', 'Put that file''s text into the directory'),
    ('\ir other.sql', 'Put that file''s text'),
    ('\include other.sql', 'Put that file''s text'),
    ('\include_relative other.sql', 'Put that file''s text'),
    ('\set name value', 'Write \$\{name\} .* migrate_config\(''var.name'''),
    ('\unset name', 'Write \$\{name\}'),
    ('\set SINGLELINE on', 'Write \$\{name\}'),
    ('\prompt name', 'Write \$\{name\}'),
    ('\getenv name HOME', 'Write \$\{name\}'),
    ('\c other', 'A migration runs in one database.* SET ROLE'),
    ('\connect other', 'A migration runs in one database'),
    ('\copy seen from file', 'Write COPY ... FROM stdin with the data below'),
    ('\g', 'End the statement with a semicolon'),
    ('\gexec', 'Write a DO block'),
    ('\gset', 'Write a DO block'),
    ('\if true', 'Sections and headers'),
    ('\endif', 'Sections and headers'),
    ('\! ls', 'The server runs a migration'),
    ('\cd /', 'The server runs a migration'),
    ('\o file', 'The server runs a migration'),
    ('\w file', 'The server runs a migration'),
    ('\setenv X y', 'The server runs a migration'),
    ('\password', 'Write ALTER ROLE'),
    ('\lo_import file', 'Use the server''s functions'),
    ('\q', 'Remove what stands behind it'),
    ('\.', 'It ends the data of COPY ... FROM stdin'),
    ('\encoding LATIN1', 'Save the text in UTF-8'),
    ('\nonsense', 'Only those that print'),
    ('\drop', 'Only those that print'),
    ('\echoes', 'Only those that print'),
    ('\', 'Only those that print'),
    ('\; SELECT 1', 'End the statement with a semicolon')) AS given (command, hint);
SELECT is(outcome(E'\\timing on \\i other.sql'),
          '0A000 migration "1" failed at line 1: psql''s command \i cannot '
          'stand in a migration: Put that file''s text into the directory, as '
          'a migration of its own.', 'behind another one');
SELECT matches(outcome(E'SELECT 1;\n\\' || repeat('€', 100)),
               'line 2: psql''s command \\€{21} cannot', 'a long one is cut');
SELECT matches(outcome('SELECT 1; ' || script), wanted, script)
FROM (VALUES
    ('SELECT :name', '^42601 .*syntax error at or near ":": For a variable of '
                     'psql, write \$\{name\} and set it'),
    ('SELECT :''name''', 'For a variable of psql'),
    ('SELECT : 1', 'at or near ":": $'),
    ('SELECT (ARRAY[1, 2])[1:2]', '^$')) AS given (script, wanted);

-- Lines and places behind them
SELECT is(outcome(E'\\echo ä\nSELECT 1 \\echo ä\n+ absent;'),
          '42703 migration "1" failed at line 3: column "absent" does not '
          'exist: ', 'the place of an error behind a command');
SELECT is(outcome(E'\\echo ä\nCOPY seen FROM stdin;\n1\ta\n\\.\n\\echo\n'
                  'SELECT 1,\nabsent'),
          '42703 migration "1" failed at line 7: column "absent" does not '
          'exist: ', 'and behind data');
SELECT migrate_stamp('base');
SELECT migrate_add('1', E'\\echo\nSELECT 1;\n\\echo\nSELECT\\echo\n2;\n');
SELECT results_eq('SELECT line, sql FROM migrate_plan()',
                  $$VALUES (2::bigint, 'SELECT 1'), (4, E'SELECT     \n2')$$,
                  'the lines of a plan, and its text without the command');

-- Any bytes
SELECT is(outcome(script), wanted, name)
FROM (VALUES
    ('a quote that is not closed',
     E'SELECT ''it;\nCOPY seen FROM stdin;\n1\ta\n\\.\n',
     E'42601 migration "1" failed at line 1: unterminated quoted string at or '
     'near "''it;\nCOPY seen FROM stdin;\n1\ta\n\\.\n": '),
    ('a name that is not closed', E'SELECT "a;\n\\i\n',
     E'42601 migration "1" failed at line 1: unterminated quoted identifier at '
     'or near ""a;\n\\i\n": '),
    ('dollar quotes that are not closed', E'SELECT 1;\nSELECT $a$\\i$$',
     '42601 migration "1" failed at line 2: unterminated dollar-quoted string '
     'at or near "$a$\i$$": '),
    ('a comment that is not closed', E'SELECT 1;\n/* \\i /* */',
     '42601 migration "1" failed at line 2: unterminated /* comment at or near '
     '"/* \i /* */": '),
    ('a bracket that is not closed',
     E'SELECT (1;\nCOPY seen FROM stdin;\n1\ta\n\\.\n',
     '42601 migration "1" failed at line 1: syntax error at or near ";": '),
    ('a semicolon that is missing',
     E'DELETE FROM seen WHERE true\nCOPY seen FROM stdin;\n1\ta\n\\.\n',
     '42601 migration "1" failed at line 2: syntax error at or near "COPY": '),
    ('a statement that a command cuts in two',
     E'COPY seen FROM stdin;\n1\ta\n\\.\nINSERT INTO seen \\i other.sql',
     '0A000 migration "1" failed at line 4: psql''s command \i cannot stand in '
     'a migration: Put that file''s text into the directory, as a migration of '
     'its own.'),
    ('a backslash alone', '\',
     '0A000 migration "1" failed at line 1: psql''s command \ cannot stand in '
     'a migration: Only those that print, or set how psql prints, are passed '
     'over.'))
    AS given (name, script, wanted);

-- Whatever stands in a script, it is applied, or refused with a reason.
CREATE FUNCTION random_script() RETURNS text LANGUAGE sql VOLATILE AS $x$
    SELECT string_agg(parts[1 + floor(random() * cardinality(parts))], '')
    FROM generate_series(1, 1 + floor(random() * 12)::int), (VALUES (ARRAY[
        'COPY seen FROM stdin;', 'copy seen (i) from stdin csv;', E'\n', E'\n',
        E'\n\\.\n', E'1\ta\n', E'1\n', E'\\.', E'\\', E'\\\\',
        E'\\echo', E'\\q', E'\\i x', '''', 'E''', '"', '$$', '$a$', '$', '/*',
        '*/', '--', ';', '(', ')', ' ', E'\r\n', E'\t', 'SELECT 1', 'SELECT ''a''',
        'BEGIN', 'END', 'ATOMIC', 'ä', ':a', 'INSERT INTO seen VALUES (1);'
    ])) AS given (parts)
$x$;
SELECT setseed(0.5);
SELECT is(count(*) FILTER (WHERE said LIKE 'XX%' OR said IS NULL), 0::bigint,
          'random scripts')
FROM (SELECT outcome(random_script()) AS said FROM generate_series(1, 500)
      OFFSET 0) tried;

SELECT * FROM finish();
ROLLBACK;
