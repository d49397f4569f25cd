-- Settings of the session.
BEGIN;
SELECT plan(10);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
SELECT migrate_add('1', 'SELECT 1');
SET migrate.project = 'second';
SELECT is(migrate_config('project'), 'second', 'the session''s project wins');
SELECT is(migrate_pending(), 0, 'which has no migrations');
SELECT migrate_add('1', 'SELECT 2'), migrate_add('2', 'SELECT 2');
SELECT is(migrate_apply(), 2, 'until it gets its own');
RESET migrate.project;
SELECT is(migrate_pending(), 1, 'the first is as it was');
SET migrate.project = '';
SELECT is(migrate_config('project'), 'default', 'an empty text is no project');
SELECT matches((SELECT source FROM migrate_settings() WHERE name = 'project'),
               'default', 'as the list says');

SELECT lives_ok('SET LOCAL migrate.wait_timeout = ''1s''', 'wait_timeout');
SELECT is(migrate_config('wait_timeout'), '1s', 'is the session''s');
SET migrate.on_changed = 'warn';
SELECT is(migrate_config('on_changed'), 'error', 'a guard is the database''s');

SET migrate.var.colour = 'green';
SELECT is(migrate_config('var.colour'), 'green', 'variables');

SELECT * FROM finish();
ROLLBACK;
