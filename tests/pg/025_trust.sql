-- What others brought in is not run with a superuser's rights.
BEGIN;
SELECT plan(23);
SET client_min_messages = warning;

CREATE ROLE owner;
CREATE ROLE low;
CREATE ROLE "De Ployer";
CREATE ROLE boss SUPERUSER;
CREATE ROLE mate SUPERUSER;
SELECT set_config('test.database', current_database(), true);
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO owner',
                           current_setting('test.database')); END $$;
GRANT CREATE, USAGE ON SCHEMA public TO owner, low, "De Ployer";
SET ROLE owner;
CREATE EXTENSION migrate;
GRANT EXECUTE ON FUNCTION migrate_add(text, text, text, text),
    migrate_apply(text) TO low, "De Ployer";

SET ROLE low;
SELECT is(migrate_add('1', 'ALTER ROLE low SUPERUSER',
                      'ALTER ROLE low SUPERUSER'), 1, 'low adds a migration');
SET ROLE boss;
SELECT throws_ok('SELECT migrate_apply()', '42501',
    'migration "1" was brought in by "low", whose texts a superuser does not '
    'run', 'a superuser does not apply it');
SELECT throws_ok('SELECT migrate_stamp(''head'')', '42501', NULL,
    'nor have it recorded as his own');
SELECT ok(NOT rolsuper, 'low is what it was') FROM pg_roles
WHERE rolname = 'low';
SELECT is((SELECT sql FROM migrate_plan()), 'ALTER ROLE low SUPERUSER',
          'but he can look at it');
SELECT is((SELECT sql FROM migrate_show('1') WHERE section = 'up'),
          'ALTER ROLE low SUPERUSER', 'in two ways');
SELECT is(migrate_pending(), 1, 'and count it');

SET ROLE low;
SELECT throws_ok('SELECT migrate_apply()', '42501', NULL,
                 'low cannot apply it either');
SELECT is(migrate_add('1', 'CREATE TABLE public.one (id int)',
                      'ALTER ROLE low SUPERUSER'), 1, 'so it is changed');
SELECT is(migrate_apply(), 1, 'and applied by low');
SET ROLE boss;
SELECT throws_ok('SELECT migrate_rollback()', '42501',
    'migration "1" was applied by "low", whose texts a superuser does not run',
    'a superuser does not run the way back');
SELECT throws_ok('SELECT migrate_redo()', '42501', NULL, 'nor redoes it');
SELECT ok(NOT rolsuper, 'low still is what it was') FROM pg_roles
WHERE rolname = 'low';

SET migrate.trusted_roles = 'other, low';
SELECT is(migrate_rollback(), 1, 'unless low is said to be trusted');
RESET migrate.trusted_roles;
SET migrate.trusted_roles = '"De Ployer"';
SET ROLE "De Ployer";
SELECT is(migrate_add('1', 'SELECT 1'), 1, 'names may need quotes');
SELECT throws_ok('SET migrate.trusted_roles = low', '42501', NULL,
                 'which only a superuser may say');
SET ROLE boss;
SELECT is(migrate_apply(), 1, 'and are found');
RESET migrate.trusted_roles;

SET ROLE owner;
SELECT is(migrate_add('2', 'SELECT 2'), 1, 'the owner of the tables');
SET ROLE mate;
SELECT is(migrate_add('3', 'SELECT 3', 'SELECT -3'), 1,
          'and another superuser');
SET ROLE boss;
SELECT is(migrate_apply(), 2, 'are trusted');
SELECT is(migrate_rollback(), 1, 'both ways');
SET ROLE low;
SELECT is(migrate_apply(), 1, 'those without such rights run all texts');

RESET ROLE;
UPDATE migrate_migration SET added_by = 'nobody of this name'
WHERE version = '3';
UPDATE migrate_applied SET actor = 'nobody of this name' WHERE version = '3';
SELECT throws_like('SELECT migrate_redo()',
    '%by "nobody of this name", whose texts a superuser does not run',
    'a role that does not exist is not trusted');

SELECT * FROM finish();
ROLLBACK;
