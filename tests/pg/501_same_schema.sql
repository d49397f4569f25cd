-- The same schema, made in another order, with other quoting, in a schema of
-- another name, is told in the same words; and nothing else is.
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = error;
BEGIN;
SELECT plan(10);
CREATE EXTENSION migrate;
CREATE ROLE migrate_kinds_owner;
CREATE ROLE migrate_kinds_reader;
\set schema app
\i kinds.psql
\set schema 'The "other" one'
\i kinds_other.psql

-- What is recorded of one schema.
CREATE FUNCTION pg_temp.record(schema text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('migrate.target_schema', schema, true);
    PERFORM migrate_accept();
END $$;
CREATE VIEW pg_temp.told AS
    SELECT target, kind, identity, parent, definition FROM migrate_object
    WHERE kind <> 'record';
SELECT pg_temp.record('app');
SELECT pg_temp.record('The "other" one');

SELECT cmp_ok((SELECT count(*) FROM pg_temp.told WHERE target = 'app'), '>',
              200::bigint, 'all of a schema is told');
SELECT is_empty($$SELECT kind, identity, definition FROM pg_temp.told
    WHERE target = 'app'
    EXCEPT SELECT kind, identity, definition FROM pg_temp.told
    WHERE target = 'The "other" one'$$, 'nothing of the first is missing');
SELECT is_empty($$SELECT kind, identity, definition FROM pg_temp.told
    WHERE target = 'The "other" one'
    EXCEPT SELECT kind, identity, definition FROM pg_temp.told
    WHERE target = 'app'$$, 'nothing of the second either');
SELECT is_empty($$SELECT kind, identity, parent FROM pg_temp.told
    WHERE target = 'app'
    EXCEPT SELECT kind, identity, parent FROM pg_temp.told
    WHERE target = 'The "other" one'$$, 'also what each is a part of');
SELECT is_empty($$SELECT * FROM pg_temp.told WHERE
    identity || definition ~ '\mapp\M' OR
    identity || definition ~ 'The "+other'$$, 'the schema is never named');

SET LOCAL migrate.target_schema = 'app';
SELECT migrate_fingerprint() AS first \gset
SET LOCAL migrate.target_schema = 'The "other" one';
SELECT is(migrate_fingerprint(), :'first'::text, 'the fingerprints are equal');
SELECT matches(:'first'::text, '^pg[0-9]+/1:[0-9a-f]{64}$', 'a fingerprint');

-- Whoever asks.
CREATE ROLE migrate_kinds_stranger;
GRANT EXECUTE ON FUNCTION migrate_fingerprint(text) TO migrate_kinds_stranger;
REVOKE USAGE ON SCHEMA "The ""other"" one" FROM PUBLIC;
SELECT migrate_fingerprint() AS revoked \gset
SET LOCAL ROLE migrate_kinds_stranger;
SELECT migrate_fingerprint() AS second \gset
RESET ROLE;
SELECT is(:'second'::text, :'revoked'::text,
          'who may not use the schema is told the same');
GRANT USAGE ON SCHEMA "The ""other"" one" TO PUBLIC;
ALTER TABLE "The ""other"" one".quick ADD c int;
SELECT isnt(migrate_fingerprint(), :'first'::text, 'a change shows');
SELECT set_eq($$SELECT kind, object, change FROM migrate_drift()$$,
    $$VALUES ('column', 'quick.c', 'added'), ('table', 'quick', 'changed')$$,
    'and is told without the schema''s name');

SELECT * FROM finish();
ROLLBACK;
