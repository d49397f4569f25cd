-- What a hand has changed stays drift, told of the name that a migration gives it.
BEGIN;
SELECT plan(22);
SET client_min_messages = error;
CREATE EXTENSION migrate;
CREATE SCHEMA app;
CREATE ROLE migrate_renamed;
SELECT is(migrate_config('on_drift', 'ignore'), 'ignore', 'drift is no error');
SELECT lives_ok($add$SELECT migrate_add('1', 'CREATE TABLE app.p (id serial PRIMARY KEY); CREATE TABLE app.one (id integer PRIMARY KEY, a text, c text, p integer REFERENCES app.p(id), CHECK (id > 0), CONSTRAINT big CHECK (id < 99)); CREATE INDEX one_a ON app.one (a); CREATE VIEW app.v AS SELECT one.id, one.a FROM app.one; CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$; CREATE TRIGGER tr AFTER INSERT ON app.one EXECUTE FUNCTION app.f(); CREATE VIEW app.w AS SELECT id FROM app.one; CREATE TYPE app.mood AS ENUM (''a''); CREATE FUNCTION app.g(app.mood) RETURNS int LANGUAGE sql AS ''SELECT 1''; COMMENT ON COLUMN app.one.a IS ''x''; GRANT SELECT ON app.one TO migrate_renamed; CREATE DOMAIN app.small AS int CHECK (VALUE < 9); CREATE TABLE app.refs (id int REFERENCES app.one); ALTER TABLE app.one ENABLE ROW LEVEL SECURITY; CREATE POLICY pol ON app.one USING (id > 1)')$add$, 'a migration is added');
SELECT lives_ok($add$SELECT migrate_add('2', 'ALTER TABLE app.one RENAME TO two', 'ALTER TABLE app.two RENAME TO one')$add$, 'a migration is added');
SELECT lives_ok($add$SELECT migrate_add('3', 'ALTER TABLE app.two RENAME COLUMN a TO x', 'ALTER TABLE app.two RENAME COLUMN x TO a')$add$, 'a migration is added');
SELECT lives_ok($add$SELECT migrate_add('4', 'ALTER TABLE app.two RENAME TO "Three x"; ALTER TABLE app."Three x" ADD COLUMN new integer; ALTER FUNCTION app.f RENAME TO ff; ALTER TYPE app.mood RENAME TO feeling; ALTER INDEX app.hand_i RENAME TO hand_j','ALTER TABLE app."Three x" DROP COLUMN new; ALTER TABLE app."Three x" RENAME TO two; ALTER FUNCTION app.ff RENAME TO f;  ALTER TYPE app.feeling RENAME TO mood; ALTER INDEX app.hand_j RENAME TO hand_i')$add$, 'a migration is added');
SELECT lives_ok($add$SELECT migrate_add('5', 'ALTER SCHEMA app RENAME TO other; CREATE SCHEMA s; ALTER TABLE other."Three x" SET SCHEMA s', 'ALTER TABLE s."Three x" SET SCHEMA other; DROP SCHEMA s; ALTER SCHEMA other RENAME TO app')$add$, 'a migration is added');
SELECT is(migrate_apply('1'), 1, 'the first is applied');

-- A hand's changes, of many kinds.
ALTER TABLE app.one ADD COLUMN hand integer;
ALTER TABLE app.one ALTER COLUMN a SET DEFAULT 'q';
ALTER TABLE app.one DROP CONSTRAINT big;
CREATE INDEX hand_i ON app.one (hand);
CREATE TRIGGER hand_t AFTER DELETE ON app.one EXECUTE FUNCTION app.f();
DROP INDEX app.one_a;
CREATE OR REPLACE VIEW app.v AS SELECT one.id, one.a, hand FROM app.one;
DROP TRIGGER tr ON app.one; CREATE TRIGGER tr AFTER UPDATE ON app.one EXECUTE FUNCTION app.f();
ALTER SEQUENCE app.p_id_seq INCREMENT 3;
ALTER DOMAIN app.small ADD CHECK (VALUE <> 7);
DROP VIEW app.w;
CREATE VIEW app.hand_v AS SELECT one.id FROM app.one;
COMMENT ON COLUMN app.one.a IS 'y';
COMMENT ON TABLE app.one IS 'hand';
GRANT INSERT ON app.one TO migrate_renamed;
GRANT EXECUTE ON FUNCTION app.g(app.mood) TO migrate_renamed;
ALTER POLICY pol ON app.one USING (id > 2);
CREATE PUBLICATION pub FOR TABLE app.p;
ALTER TABLE app.refs DROP CONSTRAINT refs_id_fkey; ALTER TABLE app.refs ADD CONSTRAINT refs_id_fkey FOREIGN KEY (id) REFERENCES app.one ON DELETE CASCADE;

CREATE TEMP TABLE told (kind text, object text, change text, expected text, actual text);
INSERT INTO told SELECT kind, object, change, expected, actual FROM migrate_drift();
CREATE TEMP TABLE at_first AS SELECT * FROM told;
SELECT cmp_ok(count(*), '>=', 19::bigint, 'all of them are told') FROM told;
-- The same with another name in the place of one.
CREATE FUNCTION pg_temp.renamed(old text, new text) RETURNS void LANGUAGE sql AS $$
    UPDATE told SET object = regexp_replace(object, old, new, 'g'),
        expected = regexp_replace(expected, old, new, 'g'),
        actual = regexp_replace(actual, old, new, 'g')
    WHERE kind NOT IN ('comment', 'privileges');
    UPDATE told SET object = regexp_replace(object, old, new, 'g')
    WHERE kind IN ('comment', 'privileges');
$$;
CREATE FUNCTION pg_temp.tells(what text) RETURNS SETOF text LANGUAGE sql AS $f$
    SELECT is_empty($$(SELECT kind, object, change, expected, actual FROM migrate_drift()
                       EXCEPT SELECT * FROM told)
                      UNION ALL (SELECT * FROM told EXCEPT
                       SELECT kind, object, change, expected, actual FROM migrate_drift())$$,
                    what || ': drift is told with the new names, and no other')
    UNION ALL
    SELECT is_empty($$SELECT kind, object, problem FROM migrate_verify()
                      WHERE kind IN ('schema', 'history')$$, what || ': the record is whole');
$f$;

SELECT is(migrate_apply('2'), 1, 'a table: is run');
SELECT pg_temp.renamed('\mone\M', 'two') \g /dev/null
SELECT * FROM pg_temp.tells('a table');
SELECT is(migrate_apply('3'), 1, 'a column: is run');
SELECT pg_temp.renamed('(two\.|btree \()a\M', '\1x') \g /dev/null
SELECT pg_temp.renamed('    two\.x', '    two.x AS a') \g /dev/null
-- From 16 on a view of one table has no more than the column's name.
SELECT pg_temp.renamed('\n    a(,?\n)', E'\n    x AS a\\1') \g /dev/null
SELECT * FROM pg_temp.tells('a column');
SELECT is(migrate_apply('4'), 1, 'in quotes: is run');
SELECT pg_temp.renamed('\mtwo\M', '"Three x"') \g /dev/null
SELECT pg_temp.renamed('\mapp\.f\(', 'app.ff(') \g /dev/null
SELECT pg_temp.renamed('\mmood\M', 'feeling') \g /dev/null
SELECT pg_temp.renamed('\mhand_i\M', 'hand_j') \g /dev/null
SELECT * FROM pg_temp.tells('in quotes');
SELECT is(migrate_apply('5'), 1, 'a schema: is run');
SELECT pg_temp.renamed('\mapp\.("Three x"|one_a|hand_j)', 's.\1') \g /dev/null
SELECT pg_temp.renamed('\mapp\.', 'other.') \g /dev/null
SELECT * FROM pg_temp.tells('a schema');
SELECT is(migrate_rollback('1'), 4, 'and back');
SELECT is_empty('(SELECT kind, object, change, expected, actual FROM migrate_drift() '
                'EXCEPT SELECT * FROM at_first) UNION ALL (SELECT * FROM at_first EXCEPT '
                'SELECT kind, object, change, expected, actual FROM migrate_drift())',
                'drift is as at first');
SELECT * FROM finish();
ROLLBACK;
