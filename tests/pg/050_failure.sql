-- What a failing migration says, and leaves behind: nothing.
BEGIN;
SELECT plan(52);
SET client_min_messages = warning;

CREATE EXTENSION migrate;

CREATE TYPE report AS (state text, message text, detail text, hint text,
                       context text, tablename text, constr text);
CREATE FUNCTION trouble(command text) RETURNS report LANGUAGE plpgsql AS $$
DECLARE
    r report;
BEGIN
    EXECUTE command;
    RETURN NULL;
EXCEPTION WHEN OTHERS OR query_canceled THEN
    GET STACKED DIAGNOSTICS r.state = RETURNED_SQLSTATE,
        r.message = MESSAGE_TEXT, r.detail = PG_EXCEPTION_DETAIL,
        r.hint = PG_EXCEPTION_HINT, r.context = PG_EXCEPTION_CONTEXT,
        r.tablename = TABLE_NAME, r.constr = CONSTRAINT_NAME;
    RETURN r;
END $$;

-- A failing statement
SELECT migrate_add('1', 'CREATE TABLE one (id int PRIMARY KEY)');
SELECT migrate_add('2', E'INSERT INTO one VALUES (1);\n\n-- again\n'
                        'INSERT INTO one VALUES (1);', NULL, 'twice');
CREATE TEMP TABLE said AS SELECT t.* FROM trouble('SELECT migrate_apply()') t;
SELECT is(state, '23505', 'the server''s own SQLSTATE') FROM said;
SELECT matches(message, 'migration "2" failed at line 4: duplicate key value',
               'names migration and line, and says what the server said')
FROM said;
SELECT matches(detail, 'Statement 2 ', 'names the statement') FROM said;
SELECT matches(detail, E'INSERT INTO one VALUES \\(1\\)', 'shows it') FROM said;
SELECT matches(detail, E'Key \\(id\\)=\\(1\\) already exists',
               'the server''s detail is there') FROM said;
SELECT is(tablename, 'one', 'and the table') FROM said;
SELECT is(constr, 'one_pkey', 'and the constraint') FROM said;
SELECT hasnt_table('one', 'what came before in the call is undone, too');
SELECT is(migrate_current(), NULL, 'nothing is recorded');
SELECT is_empty($$SELECT 1 FROM migrate_history() WHERE action = 'apply'$$,
                'not in the history either');
SELECT is(migrate_pending(), 2, 'all is pending as before');
SELECT is(migrate_apply('1'), 1, 'the session is fit to go on');

-- Places and hints
SELECT migrate_add('2', E'SELECT\n 1,\n absent FROM one');
SELECT matches((trouble('SELECT migrate_apply()')).message,
               'line 3: column "absent" does not exist',
               'the line is that of the word the server points at');
SELECT migrate_add('2', E'SELECT ''ä€😀'';\nSELECT\n absent');
SELECT matches((trouble('SELECT migrate_apply()')).message, 'line 3: ',
               'also behind characters of several bytes');
SELECT migrate_add('2', E'SELECT idd\nFROM one');
SELECT matches((trouble('SELECT migrate_apply()')).hint, E'one\\.id',
               'the server''s hint is there');
SELECT migrate_add('2', E'DO $x$\nBEGIN\n\n  DELETE FROM absent;\nEND $x$');
SELECT matches((trouble('SELECT migrate_apply()')).message, 'line 4: ',
               'also in the body of DO');
SELECT migrate_add('2', E'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $x$\n'
                        '  SELECT 1;\n  SELECT absent $x$');
SELECT matches((trouble('SELECT migrate_apply()')).message, 'line 3: ',
               'also in the body of a function');
SELECT migrate_add('2', $m$DO $x$ BEGIN RAISE 'sorry' USING ERRCODE = 'XY123',
    DETAIL = 'the detail', HINT = 'the hint'; END $x$ $m$);
SELECT is((t.state, t.hint, t.message)::text,
          '(XY123,"the hint","migration ""2"" failed at line 1: sorry")',
          'an error of one''s own keeps code and hint')
FROM trouble('SELECT migrate_apply()') t;
SELECT matches((trouble('SELECT migrate_apply()')).context,
               'inline_code_block line 1 at RAISE', 'and its context');

-- Syntax errors
SELECT throws_ok($$SELECT migrate_add('3', E'SELECT 1;\n\nSELEKT 2;');
                   SELECT migrate_apply()$$,
                 NULL, NULL, 'a syntax error is found');
SELECT is((SELECT count(*)::int FROM migrate_status() WHERE state = 'applied'),
          1, 'and nothing was run');

-- Checks that migrations bring along
CREATE FUNCTION writes() RETURNS boolean LANGUAGE sql AS
    'INSERT INTO one VALUES (0); SELECT true';
CREATE FUNCTION checked(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_add('2', E'-- migrate:up\nCREATE TABLE two (id int);\n'
                             '-- migrate:verify\n' || query);
    PERFORM migrate_apply();
    EXECUTE 'DROP TABLE two';
    PERFORM migrate_stamp('base'), migrate_stamp('1');
    RETURN 'holds';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT is(checked(query), wanted, query)
FROM (VALUES ('SELECT count(*) = 0 FROM two', 'holds'),
             ('SELECT id = 7 FROM two', 'holds'),
             ('SELECT true, false UNION ALL SELECT true, NULL', 'holds'),
             ('SELECT count(*) + 1 FROM two', 'holds'),
             ('SELECT true; SELECT 1', 'holds'),
             ('SELECT count(*) = 1 FROM two', '55000'),
             ('SELECT n < 3 FROM generate_series(1, 3) n', '55000'),
             ('SELECT NULL::boolean', '55000'),
             ('SELECT 0', '55000'),
             ('SELECT true; SELECT false', '55000'),
             ('SELECT ''true''', '42804'),
             ('SELECT 1/0 = 0', '22012'),
             ('INSERT INTO two VALUES (1) RETURNING true', '22023'),
             ('SELECT true INTO three', '22023'),
             ('DO $x$ BEGIN INSERT INTO two VALUES (1); END $x$', '22023'),
             ('WITH w AS (INSERT INTO two VALUES (1) RETURNING *)
               SELECT true FROM w', '25006'),
             ('SELECT writes()', '25006'))
     AS given (query, wanted);
SELECT hasnt_table('two', 'a check that is not true undoes its migration');
SELECT is(current_setting('transaction_read_only'), 'off',
          'the transaction is not read-only behind them');

-- What stands in the way of the record is its migration's fault.
SELECT migrate_config('project', 'record');
SELECT migrate_add('1', 'CREATE TABLE recorded (i int)');
SELECT migrate_add('2', 'SET TRANSACTION READ ONLY');
DELETE FROM said;
INSERT INTO said SELECT t.* FROM trouble('SELECT migrate_apply()') t;
SELECT is(state, '25006', 'a transaction made read-only') FROM said;
SELECT matches(message, 'migration "2" cannot be recorded: cannot execute ',
               'the migration is named') FROM said;
SELECT migrate_add('2', 'DROP EXTENSION migrate');
SELECT matches((trouble('SELECT migrate_apply()')).message,
               'migration "2" (cannot be recorded|failed at its end)',
               'also when it drops the extension');
SELECT migrate_add('2', 'CREATE RULE nothing AS ON INSERT TO migrate_applied '
                        'DO INSTEAD NOTHING');
SELECT matches((trouble('SELECT migrate_apply()')).message,
    'migration "2" cannot be recorded: a change of the catalogue had no effect',
    'a rule that swallows the record');
SELECT migrate_add('2', $$
    CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN DELETE FROM public.migrate_applied WHERE version = new.version;
         RETURN NULL; END';
    CREATE TRIGGER undo AFTER INSERT ON migrate_applied
        FOR EACH ROW EXECUTE FUNCTION undo()$$);
SELECT matches((trouble('SELECT migrate_apply()')).message,
    'migration "2" failed at its end: somebody has put trigger "undo" on table '
    '"migrate_applied" of the catalogue', 'a trigger that takes it back');
SELECT migrate_add('2', $$
    CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RETURN NULL; END';
    CREATE TRIGGER swallow BEFORE INSERT ON migrate_event
        FOR EACH ROW EXECUTE FUNCTION swallow()$$);
DELETE FROM said;
INSERT INTO said SELECT t.* FROM trouble('SELECT migrate_apply()') t;
SELECT matches(message, 'a change of the catalogue had no effect',
               'a trigger that swallows the event') FROM said;
SELECT matches(hint, 'Remove the triggers and rules', 'says what to do')
FROM said;
SELECT hasnt_table('recorded', 'nothing of it is there');
SELECT is(migrate_apply('1'), 1, 'the one before it can be applied');

-- Cancelled at every statement
SELECT migrate_config('project', 'cancel');
CREATE FUNCTION cancel_at(place int) RETURNS report LANGUAGE plpgsql AS $$
DECLARE
    stop CONSTANT text := 'SELECT pg_cancel_backend(pg_backend_pid());';
    texts text[] := ARRAY['', '', ''];
BEGIN
    FOR i IN 0 .. 11 LOOP
        texts[i / 4 + 1] := texts[i / 4 + 1] ||
            CASE WHEN i = place THEN stop ELSE '' END ||
            format('CREATE TABLE cancelled_%s (i int);', i);
    END LOOP;
    IF place = 12 THEN
        texts[3] := texts[3] || stop;
    END IF;
    FOR i IN 1 .. 3 LOOP
        PERFORM migrate_add(i::text, texts[i], 'SELECT 1');
    END LOOP;
    RETURN trouble('SELECT migrate_apply()');
END $$;
SELECT results_eq(
    $$SELECT place, (r).state,
             (SELECT count(*)::int FROM pg_class
              WHERE relname LIKE 'cancelled%'), migrate_pending()
      FROM (SELECT place, cancel_at(place) AS r
            FROM generate_series(0, 12) place OFFSET 0) cancelled$$,
    $$SELECT place, '57014', 0, 3 FROM generate_series(0, 12) place$$,
    'a cancel at any statement undoes the call');
SELECT lives_ok('SELECT cancel_at(99)', 'without one');
SELECT is(migrate_pending(), 0, 'all is applied');

SELECT * FROM finish();
ROLLBACK;
