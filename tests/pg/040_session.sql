-- Each migration starts from the session as the caller left it.
BEGIN;
SELECT plan(18);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
CREATE SCHEMA side;
CREATE ROLE other;
CREATE ROLE third;
GRANT CREATE, USAGE ON SCHEMA side TO other;
CREATE TABLE seen (step text, path text, timeout text, who text);
GRANT INSERT ON seen TO PUBLIC;
CREATE FUNCTION note(step text) RETURNS void LANGUAGE sql AS
    $$ INSERT INTO public.seen VALUES (step, current_setting('search_path'),
           current_setting('statement_timeout'), current_user::text) $$;
CREATE FUNCTION noted(step text) RETURNS text LANGUAGE sql AS
    $$ SELECT concat_ws('|', path, timeout, who) FROM public.seen s
       WHERE s.step = $1 $$;
SET search_path = public, side;
SET statement_timeout = '1h';

SELECT migrate_add('1', $$
    SET search_path = side;
    SET LOCAL statement_timeout = '2h';
    SET ROLE other;
    SELECT public.note('inside');
    CREATE TABLE unqualified (id int)$$, 'DROP TABLE side.unqualified');
SELECT migrate_add('2', $$SELECT public.note('after')$$, 'SELECT 1');
SELECT migrate_add('3', $$
    SELECT set_config('search_path', '', false);
    SET SESSION AUTHORIZATION other;
    SELECT public.note('blank')$$);
SELECT migrate_add('4', $$SELECT public.note('after blank')$$);

SELECT is(migrate_apply('2'), 2, 'apply');
SELECT is(noted('inside'), 'side|2h|other', 'settings hold inside');
SELECT is(noted('after'), 'public, side|1h|' || session_user,
          'not in the next migration');
SELECT is(current_setting('search_path'), 'public, side', 'nor afterwards');
SELECT is(current_setting('statement_timeout'), '1h', 'also SET LOCAL');
SELECT is(current_user::text, session_user::text, 'nor does SET ROLE');
SELECT table_owner_is('side', 'unqualified', 'other', 'which took effect');
SELECT isnt((SELECT applied_by FROM migrate_status() WHERE version = '1'),
            'other', 'the history names who called');
SELECT is(migrate_apply(), 2, 'apply the rest');
SELECT is(noted('blank'), '|1h|other', 'SET SESSION AUTHORIZATION holds');
SELECT is(noted('after blank'), 'public, side|1h|' || session_user,
          'and does not leak either');

-- A role that was in force before is in force again.
GRANT EXECUTE ON FUNCTION migrate_apply(text) TO other;
GRANT CREATE ON SCHEMA public TO other;
SELECT migrate_add('5', 'RESET ROLE; CREATE TABLE five (id int)');
SELECT migrate_add('6', 'CREATE TABLE six (id int)');
SELECT migrate_add('6.1', 'SET SESSION AUTHORIZATION third');
SELECT migrate_add('6.2', 'CREATE TABLE seven (id int)');
SET ROLE other;
SELECT is(migrate_apply(), 4, 'apply under a role');
SELECT is(current_user::text, 'other', 'the role stays');
SELECT is(current_setting('role'), 'other', 'in the setting too');
RESET ROLE;
SELECT table_owner_is('public', 'six', 'other',
                      'RESET ROLE does not leak either');
SELECT table_owner_is('public', 'seven', 'other',
                      'nor does SET SESSION AUTHORIZATION under a role');

-- A failure leaves the session as it was, too.
SELECT migrate_add('7', 'SET search_path = side; SET ROLE other; SELECT 1/0');
SELECT throws_ok('SELECT migrate_apply()', '22012', NULL, 'failure');
SELECT is(current_setting('search_path') || ' ' || current_user,
          'public, side ' || session_user, 'the session is put back');

SELECT * FROM finish();
ROLLBACK;
