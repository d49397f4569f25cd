-- What is recorded for which target: a schema that becomes one leaves the record
-- of all others.
BEGIN;
SELECT plan(14);
SET client_min_messages = warning;

CREATE SCHEMA tool;
CREATE EXTENSION migrate SCHEMA tool;
SELECT tool.migrate_add('1', 'CREATE SCHEMA "ten ""a"; '
    'CREATE TABLE "ten ""a".t (id integer PRIMARY KEY); '
    'CREATE SCHEMA tenant; CREATE TABLE tenant.t (id integer); '
    'CREATE TABLE public.own (id integer)', 'SELECT 1');
SELECT is(tool.migrate_apply(), 1, 'a migration makes schemas');
SELECT is(count(*), 0::bigint, 'and no drift') FROM tool.migrate_drift();

-- Another project migrates one of them.
SELECT tool.migrate_config('project', 'tenants');
SELECT tool.migrate_config('target_schema', 'ten "a');
SELECT tool.migrate_add('1', 'CREATE TABLE more (id integer)', 'DROP TABLE more');
SELECT is(tool.migrate_apply(), 1, 'another project migrates one of them');
SELECT is(count(*), 0::bigint, 'which has a record of its own')
    FROM tool.migrate_drift();
SELECT is(count(*) FILTER (WHERE kind = 'table'), 2::bigint, 'with what was there')
    FROM tool.migrate_object WHERE target = 'ten "a' AND kind <> 'record';

SELECT tool.migrate_config('target_schema', NULL);
SELECT tool.migrate_config('project', NULL);
SELECT is(count(*), 0::bigint, 'for the first it is neither there nor gone')
    FROM tool.migrate_drift();
SELECT is(count(*), 0::bigint, 'and its record is whole')
    FROM tool.migrate_verify();
SELECT tool.migrate_config('on_drift', 'error');
SELECT tool.migrate_add('2', 'CREATE TABLE public.two (id integer)',
                        'DROP TABLE public.two');
SELECT is(tool.migrate_apply(), 1, 'it goes on');
SELECT is(count(*), 0::bigint, 'and has given it up')
    FROM tool.migrate_object WHERE target = '' AND identity LIKE '%ten ""a%';
SELECT is(count(*) FILTER (WHERE identity = 'tenant.t'), 1::bigint,
          'but not one whose name begins alike')
    FROM tool.migrate_object WHERE target = '';
SELECT is(count(*), 0::bigint, 'the record is whole')
    FROM tool.migrate_verify();

-- What is changed by hand is told for the one that has it.
ALTER TABLE "ten ""a".t ADD COLUMN x text;
SELECT is(count(*), 0::bigint, 'a change in it is not told there')
    FROM tool.migrate_drift();
SELECT tool.migrate_config('project', 'tenants');
SELECT tool.migrate_config('target_schema', 'ten "a');
SELECT results_eq('SELECT kind, object, change FROM tool.migrate_drift()',
    $$VALUES ('column', 't.x', 'added')$$, 'but here');
DROP TABLE tenant.t;
SELECT is(count(*), 1::bigint, 'and what is elsewhere is not')
    FROM tool.migrate_drift();

SELECT * FROM finish();
ROLLBACK;
