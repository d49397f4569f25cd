-- The same as 505_touched.sql where a schema alone is recorded: it is in the path
-- then, so that a name is written with the schema or without as others are there.
\set QUIET 1
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
BEGIN;
CREATE EXTENSION migrate;
CREATE SCHEMA app;
SET search_path = app, public;
CREATE FUNCTION same(x anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE
    AS 'SELECT x';
CREATE FUNCTION spread(VARIADIC x int[]) RETURNS int LANGUAGE sql IMMUTABLE
    AS 'SELECT 1';
CREATE FUNCTION lone(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE DOMAIN age AS int CHECK (VALUE > 0);
CREATE TABLE item (a int DEFAULT same(1), b text CHECK (same(b) <> ''),
    c int DEFAULT spread(1, 2), d mood DEFAULT 'sad', e age, f int DEFAULT lone(1));
CREATE VIEW shown AS SELECT same(a), spread(a, c), d FROM item;
CREATE INDEX ON item ((same(a)));
SET search_path = public;
SET LOCAL migrate.target_schema = 'app';

CREATE TEMP TABLE statement (number int GENERATED ALWAYS AS IDENTITY, text text);
INSERT INTO statement (text) VALUES
('CREATE FUNCTION app.same(x int) RETURNS int LANGUAGE sql AS ''SELECT x'''),
('CREATE FUNCTION app.same(x text) RETURNS text LANGUAGE sql AS ''SELECT x'';
  CREATE FUNCTION app.more() RETURNS int LANGUAGE sql AS ''SELECT 1'''),
('CREATE OR REPLACE FUNCTION app.same(x anyelement) RETURNS anyelement
  LANGUAGE sql IMMUTABLE AS ''SELECT x LIMIT 1'';
  CREATE FUNCTION app.same(x int) RETURNS int LANGUAGE sql AS ''SELECT x'''),
('CREATE FUNCTION app.spread(a int, b int) RETURNS int LANGUAGE sql AS ''SELECT 1'''),
('CREATE FUNCTION app.same(x int) RETURNS int LANGUAGE sql AS ''SELECT x'';
  DROP FUNCTION app.same(int)'),
('CREATE OR REPLACE FUNCTION app.lone(x int) RETURNS int LANGUAGE sql AS ''SELECT 2'''),
('CREATE FUNCTION app.lower(x text) RETURNS text LANGUAGE sql AS ''SELECT x'''),
('CREATE FUNCTION app.new(x app.mood) RETURNS int LANGUAGE sql AS ''SELECT 1'';
  COMMENT ON FUNCTION app.new(app.mood) IS ''new''; GRANT EXECUTE ON FUNCTION app.new(app.mood) TO PUBLIC'),
('DROP FUNCTION app.lone(int) CASCADE'),
('DROP FUNCTION app.lone(int) CASCADE;
  CREATE FUNCTION app.lone(x text) RETURNS int LANGUAGE sql AS ''SELECT 1'''),
('CREATE FUNCTION public.lone(x int) RETURNS int LANGUAGE sql AS ''SELECT 1'''),
('CREATE FUNCTION public.elsewhere(x int) RETURNS int LANGUAGE sql AS ''SELECT 1'';
  CREATE TYPE public.elsewhere AS ENUM ()'),
('CREATE TYPE app.colour AS ENUM (''red''); CREATE TABLE app.paint (colour app.colour)'),
('CREATE TYPE app.text AS ENUM (''red'')'),
('ALTER TYPE app.mood ADD VALUE ''angry'' AFTER ''sad'''),
('ALTER TYPE app.mood RENAME VALUE ''sad'' TO ''blue'''),
('DROP TYPE app.mood CASCADE'),
('ALTER DOMAIN app.age ADD CHECK (VALUE < 200); COMMENT ON DOMAIN app.age IS ''a'''),
('CREATE TYPE pg_temp.mood AS ENUM (''x'')'),
('CREATE FUNCTION pg_temp.lone(x int) RETURNS int LANGUAGE sql AS ''SELECT 1''');

\i differs.psql

SELECT plan(1 + (SELECT count(*)::int FROM statement));
SELECT migrate_accept();
SELECT is(pg_temp.differs(number, text), 'nothing', text)
FROM statement ORDER BY number;
SELECT is_empty('SELECT * FROM migrate_drift()', 'and all of it was undone');
SELECT * FROM finish();
ROLLBACK;
