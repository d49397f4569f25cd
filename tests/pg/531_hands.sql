-- Rows of migrate_drift() say whose hand it was: each kind of object is changed,
-- and what the event triggers call it must be what the recorded schema does.
BEGIN;
SELECT plan(17);
SET client_min_messages = error; -- publications warn of wal_level

CREATE EXTENSION migrate;
SELECT migrate_config('on_drift', 'ignore');
CREATE ROLE hand;
CREATE FOREIGN DATA WRAPPER wrap;
CREATE SCHEMA app;
CREATE TABLE app.base (id int PRIMARY KEY, a int, b text);
CREATE TABLE app.parts (id int) PARTITION BY RANGE (id);
CREATE TABLE app.part1 PARTITION OF app.parts FOR VALUES FROM (0) TO (9);
CREATE SEQUENCE app.seq0;
CREATE VIEW app.view0 AS SELECT a FROM app.base;
CREATE FUNCTION app.f0(a int, VARIADIC b text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.ft() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER tr0 BEFORE INSERT ON app.base FOR EACH ROW EXECUTE FUNCTION app.ft();
CREATE POLICY po0 ON app.base USING (true);
CREATE RULE ru0 AS ON DELETE TO app.base DO INSTEAD NOTHING;
CREATE TYPE app.enum0 AS ENUM ('a');
CREATE DOMAIN app.dom0 AS int CONSTRAINT pos CHECK (value > 0);
CREATE TYPE app.comp0 AS (a int);
CREATE INDEX ix0 ON app.base (a);
CREATE STATISTICS app.st0 ON a, b FROM app.base;
CREATE PUBLICATION pub0 FOR TABLE app.base;
CREATE SERVER srv0 FOREIGN DATA WRAPPER wrap;
CREATE MATERIALIZED VIEW app.mat0 AS SELECT a FROM app.base;
CREATE AGGREGATE app.g0(int) (SFUNC = int4pl, STYPE = int);
CREATE OPERATOR app.=# (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int);
CREATE COLLATION app.co0 (locale = 'C');
CREATE TEXT SEARCH CONFIGURATION app.ts0 (COPY = pg_catalog.english);
CREATE TEXT SEARCH DICTIONARY app.di0 (TEMPLATE = simple);
CREATE CAST (app.enum0 AS app.comp0) WITH INOUT;
CREATE OPERATOR FAMILY app.of0 USING btree;

SELECT is(migrate_accept(), 0, 'all is recorded');
SELECT migrate_config('watch', 'log');
SELECT is_empty('SELECT * FROM migrate_drift()', 'nothing differs');

CREATE SCHEMA app2;
CREATE TABLE app.t1 (id serial PRIMARY KEY, x int UNIQUE);
CREATE UNLOGGED TABLE app.t2 (id int GENERATED ALWAYS AS IDENTITY);
ALTER TABLE app.base ADD COLUMN c int DEFAULT 3;
ALTER TABLE app.base ALTER COLUMN a SET NOT NULL;
ALTER TABLE app.base DROP COLUMN b;
ALTER TABLE app.base ADD CONSTRAINT ck CHECK (a > 0);
ALTER TABLE app.base ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE app.base IS 'x';
COMMENT ON COLUMN app.base.a IS 'x';
COMMENT ON FUNCTION app.f0(int, text[]) IS 'y';
COMMENT ON TRIGGER tr0 ON app.base IS 'z';
COMMENT ON SCHEMA app IS 'z';
GRANT SELECT ON app.base TO hand;
GRANT SELECT (a) ON app.base TO hand;
GRANT USAGE ON SCHEMA app TO hand;
GRANT EXECUTE ON FUNCTION app.f0(int, text[]) TO hand;
ALTER TABLE app.base OWNER TO hand;
ALTER FUNCTION app.ft() OWNER TO hand;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO hand;
DROP TABLE app.parts;
ALTER SEQUENCE app.seq0 INCREMENT 4;
CREATE OR REPLACE VIEW app.view0 AS SELECT a, a AS z FROM app.base;
CREATE OR REPLACE FUNCTION app.f0(a int, VARIADIC b text[]) RETURNS int LANGUAGE sql AS 'SELECT 2';
ALTER TABLE app.base DISABLE TRIGGER tr0;
ALTER POLICY po0 ON app.base USING (false);
CREATE OR REPLACE RULE ru0 AS ON DELETE TO app.base DO INSTEAD SELECT 1;
ALTER TYPE app.enum0 ADD VALUE 'b';
ALTER DOMAIN app.dom0 DROP CONSTRAINT pos;
ALTER DOMAIN app.dom0 SET DEFAULT 2;
ALTER TYPE app.comp0 ADD ATTRIBUTE b text;
DROP INDEX app.ix0;
CREATE INDEX ix1 ON app.base (a);
CREATE STATISTICS app.st1 ON a, c FROM app.base;
DROP PUBLICATION pub0;
CREATE PUBLICATION pub1 FOR TABLE app.base;
DROP SERVER srv0;
CREATE SERVER srv1 FOREIGN DATA WRAPPER wrap OPTIONS (a 'b');
CREATE FOREIGN TABLE app.ftab (a int) SERVER srv1;
CREATE USER MAPPING FOR hand SERVER srv1;
DROP MATERIALIZED VIEW app.mat0;
CREATE MATERIALIZED VIEW app.mat1 AS SELECT a FROM app.base;
DROP AGGREGATE app.g0(int);
CREATE AGGREGATE app.g1(int) (SFUNC = int4pl, STYPE = int);
DROP OPERATOR app.=# (int, int);
CREATE OPERATOR app.=## (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int);
DROP COLLATION app.co0;
CREATE COLLATION app.co1 (locale = 'C');
DROP TEXT SEARCH CONFIGURATION app.ts0;
CREATE TEXT SEARCH CONFIGURATION app.ts1 (COPY = pg_catalog.english);
DROP TEXT SEARCH DICTIONARY app.di0;
CREATE TEXT SEARCH DICTIONARY app.di1 (TEMPLATE = simple);
DROP CAST (app.enum0 AS app.comp0);
CREATE CAST (app.comp0 AS app.enum0) WITH INOUT;
CREATE OPERATOR CLASS app.oc1 FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 btint4cmp(int, int);
DROP OPERATOR FAMILY app.of0 USING btree;
CREATE FUNCTION app.f1(a int, OUT b int, c text DEFAULT 'x') LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE app.p1(a int) LANGUAGE sql AS 'SELECT 1';
CREATE TRIGGER "Tr 1" BEFORE INSERT ON app.base FOR EACH ROW EXECUTE FUNCTION app.ft();
CREATE POLICY po1 ON app.base USING (true);
CREATE RULE ru1 AS ON UPDATE TO app.base DO INSTEAD NOTHING;
CREATE TYPE app.range1 AS RANGE (subtype = float8);
CREATE DOMAIN app."Dom 1" AS int CHECK (value > 0);
CREATE CONVERSION app.conv1 FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE EXTENSION citext SCHEMA app;
CREATE TABLE app."Od (d" (id int);
CREATE LANGUAGE plx HANDLER plpgsql_call_handler;
CREATE ACCESS METHOD am1 TYPE TABLE HANDLER heap_tableam_handler;

SELECT cmp_ok((SELECT count(DISTINCT kind) FROM migrate_drift()), '>=', 30::bigint,
              'many kinds of objects differ');
SELECT is_empty($$SELECT kind, object, change FROM migrate_drift()
                  WHERE changed_by IS DISTINCT FROM session_user
                     OR changed_at NOT BETWEEN now() AND clock_timestamp()$$,
                'and of each it is known whose hand it was');
SELECT is_empty($$SELECT d.kind, d.object FROM migrate_drift() d
                  WHERE d.kind NOT IN ('column', 'constraint', 'owner',
                      'comment', 'privileges', 'default privileges', 'operator',
                      'table')
                    AND NOT EXISTS (SELECT FROM migrate_foreign_ddl() f
                                    WHERE f.object = d.object)$$,
                'under the very name');

-- One who knows better
SELECT cmp_ok(migrate_accept(), '>', 0, 'all is accepted');
CREATE FUNCTION app.over(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT ALL ON SCHEMA app TO hand;
SET ROLE hand;
CREATE FUNCTION app.over(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER TABLE app.base ADD COLUMN d int;
RESET ROLE;
COMMENT ON COLUMN app.base.d IS 'd';
CREATE INDEX ix2 ON app.base (a);
SELECT results_eq(
    $$SELECT object, replace(changed_by, session_user, 'login')
          COLLATE "default"
      FROM migrate_drift() WHERE kind IN ('function', 'index')
      ORDER BY object COLLATE "C"$$,
    $$VALUES ('app.ix2', 'login'), ('app.over(integer)', 'login'),
             ('app.over(text)', 'login as hand')$$,
    'functions of one name are told apart, and roles');
SELECT is((SELECT count(*) FROM migrate_drift() WHERE changed_by IS NULL),
          0::bigint, 'nothing is left over');
ALTER TABLE app.base ADD COLUMN e int;
SELECT is((SELECT changed_by FROM migrate_drift() WHERE object = 'app.ix2'),
          session_user::text, 'an index keeps its own');

-- Names that are no more
SELECT cmp_ok(migrate_accept(), '>', 0, 'accepted');
CREATE SCHEMA elsewhere;
ALTER TABLE app.t1 RENAME TO t1_renamed;
ALTER TABLE app.t2 SET SCHEMA elsewhere;
ALTER FUNCTION app.over(int) RENAME TO under;
ALTER TYPE app.enum0 RENAME TO enum1;
ALTER TYPE app.range1 SET SCHEMA elsewhere;
ALTER TRIGGER "Tr 1" ON app.base RENAME TO "Tr 2";
ALTER TABLE app.base RENAME COLUMN d TO dd;
ALTER TABLE app.base RENAME CONSTRAINT ck TO ck2;
ALTER INDEX app.ix2 RENAME TO ix3;
ALTER SCHEMA app2 RENAME TO app3;
SELECT cmp_ok((SELECT count(*) FROM migrate_drift() WHERE change = 'removed'),
              '>=', 9::bigint, 'old names are gone');
SELECT is_empty($$SELECT kind, object, change FROM migrate_drift()
                  WHERE changed_by IS NULL AND kind <> 'cast'$$,
                'and it is known whose hand it was');
ALTER INDEX app.ix3 RENAME TO ix2;

-- What nobody saw
SELECT migrate_config('watch', 'off');
CREATE TABLE app.unseen (id int);
SELECT is((SELECT changed_by FROM migrate_drift() WHERE object = 'app.unseen'),
          NULL, 'what was not watched has no hand');
SELECT cmp_ok(migrate_accept(), '>', 0, 'accepted');
DROP INDEX app.ix2;
SELECT results_eq('SELECT object, changed_by FROM migrate_drift()',
                  $$VALUES ('app.ix2', NULL)$$,
                  'what was known before it was accepted, does not count');

-- One schema, whose objects are named without it
SELECT migrate_config('watch', 'log');
CREATE SCHEMA "One (tenant";
SET migrate.target_schema = 'One (tenant';
SELECT migrate_add('1', 'CREATE TABLE t (id int); CREATE VIEW v AS SELECT 1 AS a', 'DROP VIEW v; DROP TABLE t');
SELECT migrate_apply();
ALTER TABLE "One (tenant".t ADD COLUMN a int;
CREATE OR REPLACE VIEW "One (tenant".v AS SELECT 1 AS a, 2 AS b;
CREATE TRIGGER tr BEFORE INSERT ON "One (tenant".t
    FOR EACH ROW EXECUTE FUNCTION app.ft();
SELECT results_eq(
    $$SELECT kind, object, changed_by = session_user FROM migrate_drift()
      WHERE kind <> 'table' ORDER BY object COLLATE "C"$$,
    $$SELECT k, o, true FROM (VALUES ('column', 't.a'), ('trigger', 't.tr'), ('view', 'v')) AS x(k, o)$$,
    'in a target, too');
RESET migrate.target_schema;

-- A catalogue without the table
ALTER EXTENSION migrate DROP TABLE migrate_ddl;
DROP TABLE migrate_ddl;
SELECT is((SELECT count(*) FROM migrate_drift()
           WHERE object = 'app.ix2' AND changed_by IS NULL), 1::bigint,
          'nobody knows, but drift is told');

SELECT * FROM finish();
ROLLBACK;
