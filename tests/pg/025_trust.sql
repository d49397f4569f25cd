-- Nobody gets a superuser's rights by what he puts into a migration.
BEGIN;
SELECT plan(42);
SET client_min_messages = warning;

CREATE ROLE owner;
CREATE ROLE low;
CREATE ROLE "De Ployer";
CREATE ROLE app;
CREATE ROLE boss SUPERUSER;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO owner',
                           current_database()); END $$;
GRANT CREATE, USAGE ON SCHEMA public TO owner, low, "De Ployer", app;
SET ROLE owner;
CREATE EXTENSION migrate;
GRANT EXECUTE ON FUNCTION migrate_add(text, text, text, text),
    migrate_apply(text), migrate_rollback(), migrate_config(text, text)
    TO low, "De Ployer", app;
RESET ROLE;

-- These do what a session of the role would: nothing gets out of them.
CREATE FUNCTION as_low(command text) RETURNS text SECURITY DEFINER
    LANGUAGE plpgsql AS
    'DECLARE r text; BEGIN EXECUTE command INTO r; RETURN r; END';
CREATE FUNCTION as_owner(command text) RETURNS text SECURITY DEFINER
    LANGUAGE plpgsql AS
    'DECLARE r text; BEGIN EXECUTE command INTO r; RETURN r; END';
CREATE FUNCTION as_ployer(command text) RETURNS text SECURITY DEFINER
    LANGUAGE plpgsql AS
    'DECLARE r text; BEGIN EXECUTE command INTO r; RETURN r; END';
ALTER FUNCTION as_low OWNER TO low;
ALTER FUNCTION as_owner OWNER TO owner;
ALTER FUNCTION as_ployer OWNER TO "De Ployer";

SELECT is(as_low($$SELECT migrate_add('1', 'ALTER ROLE low SUPERUSER',
                                      'ALTER ROLE low SUPERUSER')$$), '1',
          'low adds a migration');
SELECT throws_ok('SELECT migrate_apply()', '42501',
    'migration "1" is in tables that belong to "owner", who is not trusted '
    'with a superuser''s rights', 'the owner could have forged any author');
SET migrate.trusted_roles = owner;
SELECT throws_ok('SELECT migrate_apply()', '42501',
    'migration "1" was brought in by "low", who is not trusted with a '
    'superuser''s rights', 'a superuser does not apply what low wrote');
SELECT throws_ok('SELECT migrate_stamp(''head'')', '42501', NULL,
                 'nor has it recorded as his own');
SET ROLE boss;
SELECT throws_ok('SELECT migrate_apply()', '42501', NULL,
                 'nor does any other superuser');
SET ROLE app;
SELECT throws_ok('SELECT migrate_apply()', '42501', NULL,
                 'SET ROLE is no protection: RESET ROLE undoes it');
RESET ROLE;
SET SESSION AUTHORIZATION app;
SELECT throws_ok('SELECT migrate_apply()', '42501', NULL,
                 'nor is SET SESSION AUTHORIZATION');
RESET SESSION AUTHORIZATION;
GRANT boss TO app;
CREATE FUNCTION as_app(command text) RETURNS text SECURITY DEFINER
    LANGUAGE plpgsql AS
    'DECLARE r text; BEGIN EXECUTE command INTO r; RETURN r; END';
ALTER FUNCTION as_app OWNER TO app;
SELECT throws_ok($$SELECT as_app('SELECT migrate_apply()')$$, '42501',
    'migration "1" was brought in by "low", who is not trusted with a '
    'superuser''s rights', 'nor is being but a member of a superuser');
REVOKE boss FROM app;
SELECT is((SELECT sql FROM migrate_plan()), 'ALTER ROLE low SUPERUSER',
          'one can look at it');
SELECT is((SELECT sql FROM migrate_show('1') WHERE section = 'up'),
          'ALTER ROLE low SUPERUSER', 'in two ways');
SELECT is(migrate_pending(), 1, 'and count it');
SELECT throws_ok($$SELECT as_low('SELECT migrate_apply()')$$, '42501', NULL,
                 'low cannot apply it either');
SELECT ok(NOT rolsuper, 'low is what it was') FROM pg_roles
WHERE rolname = 'low';

-- The way back
SELECT is(as_low($$SELECT migrate_add('1', 'CREATE TABLE public.one (id int)',
                                      'ALTER ROLE low SUPERUSER')$$), '1',
          'so it is changed');
SELECT is(as_low('SELECT migrate_apply()'), '1', 'and applied by low');
SELECT throws_ok('SELECT migrate_rollback()', '42501',
    'migration "1" was brought in by "low", who is not trusted with a '
    'superuser''s rights', 'a superuser does not run the way back');
SELECT throws_ok('SELECT migrate_redo()', '42501', NULL, 'nor redoes it');
SET migrate.trusted_roles = owner, low;
SELECT is(migrate_rollback(), 1, 'unless low is said to be trusted');
ALTER ROLE low NOSUPERUSER;
SET migrate.trusted_roles = 'owner, "De Ployer"';
SELECT is(as_ployer($$SELECT migrate_add('1', 'SELECT 1')$$), '1',
          'names may need quotes');
SELECT throws_ok($$SELECT as_ployer('SET migrate.trusted_roles = low')$$,
                 '42501', NULL, 'which only a superuser may say');
SELECT is(migrate_apply(), 1, 'and are found');
SET migrate.trusted_roles = owner;

-- By applying it, the owner does not vouch for what others wrote.
SELECT migrate_config('project', 'laundry');
SELECT as_low($$SELECT migrate_add('1', 'SELECT 1',
                                   'ALTER ROLE low SUPERUSER')$$);
SELECT is(as_owner('SELECT migrate_apply()'), '1', 'the owner applies it');
SELECT throws_ok('SELECT migrate_rollback()', '42501',
    'migration "1" was brought in by "low", who is not trusted with a '
    'superuser''s rights', 'the author of the way back is not forgotten');
SELECT is(migrate_add('1', 'SELECT 1', 'ALTER ROLE low SUPERUSER'), 0,
          'a superuser brings the same text');
SELECT is((SELECT added_by FROM migrate_migration WHERE project = 'laundry'),
          current_user::text, 'and stands for it from then on');
SELECT throws_ok('SELECT migrate_rollback()', '42501', NULL,
                 'but not for what was applied before');

-- A superuser may call himself what he likes when he brings things in.
SELECT migrate_config('project', 'disguise');
SET ROLE app;
SELECT is(migrate_add('1', 'CREATE TABLE of_app (i int)',
                      'DROP TABLE of_app'), 1, 'as app he adds');
SELECT is(migrate_apply(), 1, 'and applies');
SELECT is(migrate_rollback(), 1, 'and rolls back');
RESET ROLE;

-- Variables are texts, too.
SELECT migrate_config('project', 'variables');
SELECT migrate_add('1', 'CREATE TABLE var1 (x text DEFAULT ''${who}'')',
                   'SELECT ''${who}''');
SELECT as_low($low$SELECT migrate_config('var.who',
    $$'); ALTER ROLE low SUPERUSER; --$$)$low$);
SELECT throws_ok('SELECT migrate_apply()', '42501',
    'migration "1" has a variable that was set by "low", who is not trusted '
    'with a superuser''s rights', 'a variable of somebody else is refused');
SELECT throws_ok('SELECT migrate_stamp(''1'')', '42501', NULL,
                 'also where it would be kept for the way back');
SELECT is((SELECT count(*)::int FROM migrate_plan()), 2, 'it can be looked at');
SELECT is(migrate_config('var.who', 'me'), 'me', 'until it is set again');
SELECT is(migrate_apply(), 1, 'and then it is used');
SELECT is(migrate_rollback(), 1, 'and kept');
SELECT as_low($low$SELECT migrate_config('var.who',
    $$'; ALTER ROLE low SUPERUSER; --$$)$low$);
SELECT migrate_add('1', 'SELECT 1', 'SELECT ''${who}''');
SELECT is(as_low('SELECT migrate_apply()'), '1', 'low applies it');
SELECT throws_ok('SELECT migrate_rollback()', '42501', NULL,
                 'with a variable in the way back that is still low''s');
SELECT migrate_stamp('base');

-- The variables of a session do not get into SECURITY DEFINER.
SELECT migrate_config('var.who', NULL);
SELECT migrate_add('1', 'CREATE TABLE var2 (x text DEFAULT ''${who}'')');
CREATE FUNCTION deploy() RETURNS integer SECURITY DEFINER LANGUAGE sql
    AS 'SELECT migrate_apply()';
SET ROLE low;
SELECT set_config('migrate.var.who', $$'); ALTER ROLE low SUPERUSER; --$$,
                  true);
SELECT is(public.deploy(), 1, 'a superuser''s function migrates');
RESET ROLE;
SELECT is((SELECT column_default FROM information_schema.columns
           WHERE table_name = 'var2'), '''${who}''::text',
          'without the variable of its caller');
SELECT ok(NOT rolsuper, 'low is what it was, to the end') FROM pg_roles
WHERE rolname = 'low';

-- Names that are nobody's, any more
UPDATE migrate_migration SET added_by = 'nobody of this name';
SELECT migrate_stamp('base');
SELECT throws_like('SELECT migrate_apply()',
    '%by "nobody of this name", who is not trusted with a superuser''s rights',
    'a role that does not exist is not trusted');
SET migrate.trusted_roles = 'owner, "nobody of this name"';
DROP TABLE var2;
SELECT is(migrate_apply(), 1, 'unless it is named');

SELECT * FROM finish();
ROLLBACK;
