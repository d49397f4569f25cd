-- Transactions that functions are called in.  This file commits.
SELECT plan(24);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
SELECT migrate_add('1', 'CREATE TABLE one (id int)', 'DROP TABLE one');

BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT throws_ok('SELECT migrate_apply()', '0A000', NULL, 'REPEATABLE READ');
SELECT throws_like('SELECT migrate_apply()', '%REPEATABLE READ%', 'says so');
SELECT is(migrate_pending(), 1, 'looking is allowed');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT throws_ok('SELECT migrate_apply()', '0A000', NULL, 'SERIALIZABLE');
COMMIT;

BEGIN READ ONLY;
SELECT throws_ok('SELECT migrate_apply()', '25006', NULL, 'READ ONLY: apply');
SELECT throws_ok('SELECT migrate_rollback()', '25006', NULL, 'rollback');
SELECT throws_ok($$SELECT migrate_add('2', 'SELECT 1')$$, '25006', NULL, 'add');
SELECT throws_ok($$SELECT migrate_stamp('1')$$, '25006', NULL, 'stamp');
SELECT throws_ok($$SELECT migrate_config('project', 'x')$$, '25006', NULL,
                 'config');
SELECT is(migrate_pending(), 1, 'looking is allowed');
SELECT lives_ok('SELECT * FROM migrate_status()', 'status');
SELECT lives_ok('SELECT * FROM migrate_plan()', 'plan');
SELECT lives_ok('SELECT * FROM migrate_settings()', 'settings');
COMMIT;

-- The call is part of the caller's transaction.
BEGIN;
SELECT is(migrate_apply(), 1, 'apply in a transaction');
SELECT has_table('one');
SAVEPOINT s;
SELECT is(migrate_rollback(), 1, 'roll back behind a savepoint');
ROLLBACK TO s;
SELECT has_table('one');
SELECT is(migrate_current(), '1', 'the record goes with the tables');
ROLLBACK;
SELECT is(migrate_current(), NULL, 'and so does a rollback of all');

SELECT migrate_add('2', 'SELECT migrate_apply()');
SELECT throws_like('SELECT migrate_apply()',
                   '%a migration cannot call migrate_apply%',
                   'a migration cannot migrate');
SELECT throws_ok('SELECT migrate_apply()', '55000', NULL, 'with its code');
SELECT lives_ok($$SELECT migrate_add('2', 'SELECT migrate_status()')$$,
                'the session can go on');

-- An error in the extension's own statements leaves nothing behind either.
ALTER TABLE migrate_event RENAME TO away;
SELECT throws_ok('SELECT migrate_apply()', 'XX001',
                 'the catalogue is damaged: table "migrate_event" is missing',
                 'a table is missing');
ALTER TABLE away RENAME TO migrate_event;
SELECT is(migrate_apply(), 2, 'the session can go on');

DROP TABLE one;
DROP EXTENSION migrate;
SELECT * FROM finish();
