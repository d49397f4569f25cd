-- migrate_verify() on PostgreSQL: what the server knows, and sections that can
-- only look.
BEGIN;
SELECT plan(32);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
CREATE SCHEMA app;
CREATE SCHEMA other;
SELECT is((SELECT count(*) FROM migrate_verify()), 0::bigint, 'nothing is wrong');

-- What the server knows.
CREATE TABLE app.parent (id int PRIMARY KEY);
CREATE TABLE app.child (id int, parent int REFERENCES app.parent, n int);
CREATE INDEX child_n ON app.child (n);
CREATE FUNCTION app.noop() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "Odd name" BEFORE INSERT ON app.child EXECUTE FUNCTION app.noop();
SELECT is((SELECT count(*) FROM migrate_verify()), 0::bigint, 'nor with objects');
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.child_n'::regclass;
ALTER TABLE app.child ADD CONSTRAINT positive CHECK (n > 0) NOT VALID;
ALTER TABLE app.child DISABLE TRIGGER "Odd name";
SELECT results_eq(
    'SELECT kind, version, object, problem, hint FROM migrate_verify()',
    $$VALUES
    ('index', NULL, 'app.child_n', 'is not valid: no query uses it',
     'REINDEX INDEX CONCURRENTLY app.child_n builds it again; or drop it.'),
    ('constraint', NULL, 'app.child.positive',
     'is not validated: older rows may not satisfy it',
     'ALTER TABLE app.child VALIDATE CONSTRAINT positive'),
    ('trigger', NULL, 'app.child."Odd name"', 'is disabled',
     'ALTER TABLE app.child ENABLE TRIGGER "Odd name"')$$,
    'index, constraint and trigger are told, in this order');
UPDATE pg_index SET indisready = false WHERE indexrelid = 'app.child_n'::regclass;
SELECT is((SELECT problem FROM migrate_verify() WHERE kind = 'index'),
          'is not ready: rows are not entered', 'an index that is not ready');
SET migrate.target_schema = 'other';
SELECT is((SELECT count(*) FROM migrate_verify()), 0::bigint,
          'in the target''s schema alone');
SET migrate.target_schema = 'app';
SELECT is((SELECT count(*) FROM migrate_verify()), 3::bigint, 'and in that one');
RESET migrate.target_schema;
UPDATE pg_index SET indisvalid = true, indisready = true
    WHERE indexrelid = 'app.child_n'::regclass;
ALTER TABLE app.child VALIDATE CONSTRAINT positive;
ALTER TABLE app.child ENABLE TRIGGER "Odd name";
SELECT is((SELECT count(*) FROM migrate_verify()), 0::bigint, 'all is well again');
ALTER TABLE app.child DISABLE TRIGGER ALL;
SELECT is((SELECT string_agg(DISTINCT problem, '; ' ORDER BY problem)
           FROM migrate_verify() WHERE kind = 'trigger'),
          'is disabled; is disabled: a constraint is not enforced',
          'foreign keys that are switched off');
ALTER TABLE app.child ENABLE TRIGGER ALL;

-- Sections that can only look.
CREATE SEQUENCE app.numbers;
CREATE TABLE app.log (who text);
CREATE FUNCTION app.writes() RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO app.log VALUES (current_user); RETURN true; END $$;
CREATE FUNCTION app.sets() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    PERFORM set_config('transaction_read_only', 'off', true);
    INSERT INTO app.log VALUES (current_user); RETURN true; END $$;
CREATE FUNCTION app.changes() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    PERFORM set_config('search_path', 'elsewhere', false),
            set_config('migrate.project', 'elsewhere', false);
    RETURN true; END $$;
CREATE FUNCTION pg_temp.section(version text, query text) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN
    PERFORM migrate_add(version, format(E'-- migrate:up\nSELECT 1;\n'
        '-- migrate:verify\n%s', query));
    PERFORM migrate_stamp(version);
END $$;
CREATE FUNCTION pg_temp.problem(wanted text) RETURNS text LANGUAGE sql AS
    $$ SELECT problem FROM migrate_verify() WHERE kind = 'verify'
       AND version = wanted $$;
SELECT pg_temp.section('1', 'SELECT app.writes()');
SELECT pg_temp.section('2', 'SELECT app.sets()');
SELECT pg_temp.section('3', 'SELECT nextval(''app.numbers'') > 0');
SELECT pg_temp.section('4', 'SELECT app.changes()');
SELECT pg_temp.section('5', 'WITH d AS (DELETE FROM app.log RETURNING 1) '
                            'SELECT count(*) >= 0 FROM d');
SELECT pg_temp.section('6', 'SELECT 1 / 0 = 1');
SELECT pg_temp.section('7', 'DROP TABLE app.log');
SELECT pg_temp.section('8', 'SELECT count(*) = 0 FROM app.log FOR UPDATE');
SELECT pg_temp.section('9', 'SELECT false');
SELECT pg_temp.section('10', 'SELECT true');
SELECT matches(pg_temp.problem('1'), '^was not looked at: .*cannot execute INSERT',
               'a function that writes');
SELECT matches(pg_temp.problem('2'), 'cannot set transaction read-write mode|'
               'cannot execute INSERT', 'also when it wants to be let');
SELECT is((SELECT hint FROM migrate_verify() WHERE kind = 'verify'
           AND version = '2' AND problem LIKE '%cannot set transaction%'),
          'A transaction that may only read, as that of a verify section, stays '
          'so: leave out what changes that.', 'and its hint leads nowhere else');
SELECT matches(pg_temp.problem('3'), '^was not looked at: .*nextval', 'a sequence');
SELECT is(pg_temp.problem('4'), NULL, 'settings can be changed, and');
SELECT is(current_setting('search_path') || current_setting('migrate.project'),
          '"$user", public', 'are put back') ;
SELECT matches(pg_temp.problem('5'), '^was not looked at: .*read-only transaction',
               'WITH');
SELECT matches(pg_temp.problem('6'), 'division by zero$', 'one that fails');
SELECT matches(pg_temp.problem('7'), 'holds queries only', 'no query');
SELECT matches(pg_temp.problem('8'), 'FOR UPDATE', 'a lock of rows');
SELECT matches(pg_temp.problem('9'), 'is not true$', 'one that does not hold');
SELECT is(pg_temp.problem('10'), NULL, 'one that does');
SELECT is((SELECT count(*) FROM app.log), 0::bigint, 'nothing was written');
SELECT is(current_setting('transaction_read_only'), 'off', 'the caller can write');
INSERT INTO app.log VALUES ('me');

-- As the caller, and only what the caller trusts.
CREATE ROLE looker;
CREATE ROLE author;
GRANT EXECUTE ON FUNCTION migrate_verify(), migrate_verify(text),
    migrate_export_history() TO looker;
SELECT pg_temp.section('11', 'SELECT count(*) >= 0 FROM app.log');
SET ROLE looker;
SELECT matches(pg_temp.problem('11'), '^was not looked at: .*permission denied',
               'what the caller may not see');
SELECT cmp_ok(length(migrate_export_history()), '>', 100, 'he can export');
SELECT throws_ok('SELECT * FROM migrate_event', '42501', NULL,
                 'and not read the table');
RESET ROLE;
SELECT migrate_add('12', E'-- migrate:up\nSELECT 1;\n-- migrate:verify\n'
                         'SELECT current_user = ''author''');
SELECT migrate_stamp('12');
UPDATE migrate_applied SET added_by = 'author' WHERE version = '12';
SELECT matches(pg_temp.problem('12'), '^was not looked at: .*who is not trusted',
               'a superuser does not run what others brought in');
UPDATE migrate_applied SET added_by = current_user WHERE version = '12';

-- Without a right to call it.
CREATE ROLE visitor;
SET ROLE visitor;
SELECT throws_ok('SELECT * FROM migrate_verify()', '42501', NULL,
                 'not everybody may verify');
SELECT throws_ok('SELECT migrate_export_history()', '42501', NULL, 'nor export');
RESET ROLE;

-- By the target: a section runs in the schema that it was applied in.
SET migrate.target_schema = 'other';
CREATE TABLE other.inside (id int);
SELECT pg_temp.section('20', 'SELECT count(*) = 0 FROM inside');
SELECT is((SELECT count(*) FROM migrate_verify() WHERE version = '20'), 0::bigint,
          'it is asked in its schema');
INSERT INTO other.inside VALUES (1);
SELECT matches(pg_temp.problem('20'), 'is not true$', 'and found there');
RESET migrate.target_schema;
SELECT is((SELECT count(*) FROM migrate_verify() WHERE version = '20'), 0::bigint,
          'of another schema its own call tells');
SELECT is((SELECT count(*) FROM migrate_verify() WHERE kind IN
           ('history', 'record', 'text')), 0::bigint, 'history and records hold');

SELECT * FROM finish();
ROLLBACK;
