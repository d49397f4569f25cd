-- The list of a schema's objects: each kind is in it, and what is created,
-- altered or dropped behind our back changes exactly its own objects.
\set QUIET 1
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only on
\set ECHO none
SET client_min_messages = error;
BEGIN;
CREATE EXTENSION migrate;
CREATE ROLE migrate_kinds_owner;
CREATE ROLE migrate_kinds_reader;
\set schema app
\i kinds.psql
\i kinds_global.psql

-- A case: a statement, and what differs after it, one "change kind object" for
-- each object, in order.
CREATE TEMP TABLE kinds_case (
    number integer GENERATED ALWAYS AS IDENTITY,
    statement text,
    expected text
);

-- What a statement changes; it is then undone.
CREATE FUNCTION pg_temp.changes(statement text) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    BEGIN
        EXECUTE statement;
        SELECT string_agg(format('%s %s %s', change, kind, object), E'\n'
                          ORDER BY kind COLLATE "C", object COLLATE "C")
        INTO found FROM migrate_drift();
        RAISE EXCEPTION USING ERRCODE = 'P0U00';
    EXCEPTION
        WHEN SQLSTATE 'P0U00' THEN NULL;
        WHEN OTHERS THEN found := SQLERRM;
    END;
    RETURN coalesce(found, 'nothing');
END $$;

-- ==== cases
-- Schemas.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE SCHEMA more$$,
$$added schema more$$),
($$DROP SCHEMA app CASCADE; CREATE SCHEMA app$$,
$$removed aggregate app.moving(integer)
removed aggregate app.share(anyelement)
removed aggregate app.total(integer)
removed cast (app.base AS app.mood)
removed cast (app.pair AS integer)
removed collation app.sorted
removed comment schema app
removed conversion app.latin
removed default privileges FOR ROLE postgres IN SCHEMA app ON TABLES
removed domain app.label
removed domain app.moods
removed domain app.positive
removed enum app.mood
removed event trigger migrate_kinds
removed extension hstore
removed foreign table app.away
removed function app.base_in(cstring)
removed function app.base_out(app.base)
removed function app.compared(app.mood, app.mood)
removed function app.equal(app.mood, app.mood)
removed function app.from_sql(internal)
removed function app.negated(app.mood)
removed function app.noted(app.pair)
removed function app.on_ddl()
removed function app.other(app.positive, app.positive)
removed function app.ranked()
removed function app.rows_of()
removed function app.same(app.positive, app.positive)
removed function app.tongue()
removed function app.tongue_check(oid)
removed function app.touch()
removed function app.twice(integer)
removed function app.twice(text, text[])
removed language tongue
removed materialized view app.kept
removed operator app.!!(NONE, app.mood)
removed operator app.!==(app.positive, app.positive)
removed operator app.===(app.positive, app.positive)
removed operator app.~~~(app.mood, app.mood)
removed operator class app.moods_class USING btree
removed operator family app.lonely_family USING hash
removed operator family app.moods_family USING btree
removed privileges schema app
removed procedure app.work(integer)
removed publication table some_rows: app.child
removed publication table some_rows: app.heir
removed publication table some_rows: app.second
removed range app.span
removed range app.words
removed sequence app.counter
removed statistics app.stat
removed table app.child
removed table app.heir
removed table app.main
removed table app.on_own_heap
removed table app.part
removed table app.part_24
removed table app.part_24_1
removed table app.part_rest
removed table app.quick
removed table app.second
removed table app.to_part
removed table app.typed
removed text search configuration app.search
removed text search dictionary app.stems
removed text search parser app.lines
removed text search template app.plain
removed transform FOR app.mood LANGUAGE sql
removed type app.base
removed type app.pair
removed type app.shell
removed view app.numbers_to
removed view app.seen$$),
($$ALTER SCHEMA app OWNER TO migrate_kinds_owner$$,
$$changed owner schema app$$),
($$REVOKE USAGE ON SCHEMA app FROM PUBLIC$$,
$$changed privileges schema app$$),
($$COMMENT ON SCHEMA app IS NULL$$,
$$removed comment schema app$$);

-- Tables.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE TABLE app.new (a int)$$,
$$added table app.new$$),
($$DROP TABLE app.quick$$,
$$removed table app.quick$$),
($$ALTER TABLE app.second RENAME TO third$$,
$$changed policy app.main.seen
removed publication table some_rows: app.second
added publication table some_rows: app.third
changed table app.heir
removed table app.second
added table app.third$$),
($$ALTER TABLE app.quick SET LOGGED$$,
$$changed table app.quick$$),
($$ALTER TABLE app.child SET (fillfactor = 50)$$,
$$changed table app.child$$),
($$ALTER TABLE app.main RESET (toast.autovacuum_enabled)$$,
$$changed table app.main$$),
($$ALTER TABLE app.main REPLICA IDENTITY DEFAULT$$,
$$changed table app.main$$),
($$ALTER TABLE app.main DISABLE ROW LEVEL SECURITY$$,
$$changed table app.main$$),
($$ALTER TABLE app.main NO FORCE ROW LEVEL SECURITY$$,
$$changed table app.main$$),
($$ALTER TABLE app.part DETACH PARTITION app.part_rest$$,
$$changed constraint app.part_rest.part_rest_pkey
changed index app.part_rest_body_idx
changed table app.part_rest$$),
($$ALTER TABLE app.heir NO INHERIT app.second$$,
$$changed table app.heir$$),
($$ALTER TABLE app.child SET SCHEMA public$$,
$$removed publication table some_rows: app.child
added publication table some_rows: public.child
changed rule app.second.noted
removed table app.child
changed table app.heir
added table public.child
changed view app.seen$$),
($$ALTER TABLE app.child OWNER TO migrate_kinds_owner$$,
$$changed owner table app.child$$),
($$ALTER TABLE app.typed NOT OF$$,
$$changed table app.typed$$),
($$GRANT SELECT ON app.child TO PUBLIC$$,
$$added privileges table app.child$$),
($$REVOKE SELECT ON app.main FROM PUBLIC$$,
$$changed privileges table app.main$$),
($$GRANT ALL ON app.child TO postgres$$,
$$nothing$$),
($$COMMENT ON TABLE app.main IS 'another'$$,
$$changed comment table app.main$$),
($$COMMENT ON TABLE app.child IS 'first'$$,
$$added comment table app.child$$),
($$ALTER FOREIGN TABLE app.away OPTIONS (SET table_name 'u')$$,
$$changed foreign table app.away$$),
($$DROP FOREIGN TABLE app.away$$,
$$removed foreign table app.away$$);

-- Columns.
INSERT INTO kinds_case (statement, expected) VALUES
($$ALTER TABLE app.child ADD COLUMN new int$$,
$$added column app.child.new
added column app.heir.new$$),
($$ALTER TABLE app.main DROP COLUMN parts$$,
$$removed column app.main.parts$$),
($$ALTER TABLE app.main RENAME COLUMN share TO part$$,
$$added column app.main.part
removed column app.main.share$$),
($$ALTER TABLE app.main ALTER COLUMN share TYPE real$$,
$$changed column app.main.share$$),
($$ALTER TABLE app.main ALTER COLUMN "Quoted ""Name" TYPE text COLLATE "POSIX"$$,
$$changed column app.main."Quoted ""Name"
changed index app.by_price$$),
($$ALTER TABLE app.main ALTER COLUMN made DROP NOT NULL$$,
$$changed column app.main.made$$),
($$ALTER TABLE app.child ALTER COLUMN main SET DEFAULT 3$$,
$$changed column app.child.main
changed column app.heir.main$$),
($$ALTER TABLE app.main ALTER COLUMN waited DROP DEFAULT$$,
$$changed column app.main.waited$$),
($$ALTER TABLE app.main ALTER COLUMN made SET DEFAULT '2020-02-29 12:00:01+02'$$,
$$changed column app.main.made$$),
($$ALTER TABLE app.main ALTER COLUMN number SET GENERATED ALWAYS$$,
$$changed column app.main.number$$),
($$ALTER TABLE app.main ALTER COLUMN number SET INCREMENT BY 6$$,
$$changed column app.main.number$$),
($$ALTER TABLE app.main ALTER COLUMN number DROP IDENTITY$$,
$$changed column app.main.number
removed comment sequence app.numbers$$),
($$ALTER TABLE app.main ALTER COLUMN doubled DROP EXPRESSION$$,
$$changed column app.main.doubled$$),
($$ALTER TABLE app.main ALTER COLUMN raw SET STORAGE MAIN$$,
$$changed column app.main.raw$$),
($$ALTER TABLE app.main ALTER COLUMN price SET STATISTICS 400$$,
$$changed column app.main.price$$),
($$ALTER TABLE app.main ALTER COLUMN feeling RESET (n_distinct)$$,
$$changed column app.main.feeling$$),
($$ALTER SEQUENCE app.numbers RENAME TO numbered$$,
$$changed column app.main.number
added comment sequence app.numbered
removed comment sequence app.numbers$$),
($$ALTER FOREIGN TABLE app.away ALTER COLUMN a OPTIONS (SET column_name 'B')$$,
$$changed column app.away.a$$),
($$GRANT SELECT (id) ON app.main TO PUBLIC$$,
$$added privileges column app.main.id$$),
($$REVOKE UPDATE (price) ON app.main FROM migrate_kinds_reader$$,
$$removed privileges column app.main.price$$),
($$COMMENT ON COLUMN app.main.price IS NULL$$,
$$removed comment column app.main.price$$),
($$COMMENT ON COLUMN app.pair.b IS 'another'$$,
$$changed comment column app.pair.b$$);

-- Constraints.
INSERT INTO kinds_case (statement, expected) VALUES
($$ALTER TABLE app.second ADD CONSTRAINT small CHECK (n < 10)$$,
$$added constraint app.second.small$$),
($$ALTER TABLE app.main DROP CONSTRAINT price_positive$$,
$$removed comment constraint app.main.price_positive
removed constraint app.main.price_positive$$),
($$ALTER TABLE app.child RENAME CONSTRAINT to_main TO from_child$$,
$$added constraint app.child.from_child
removed constraint app.child.to_main$$),
($$ALTER TABLE app.child VALIDATE CONSTRAINT old_small$$,
$$changed constraint app.child.old_small$$),
($$ALTER TABLE app.child ALTER CONSTRAINT to_main NOT DEFERRABLE$$,
$$changed constraint app.child.to_main$$),
($$ALTER TABLE app.child DISABLE TRIGGER ALL$$,
$$changed constraint app.child.old_to_main
changed constraint app.child.to_main$$),
($$ALTER TABLE app.to_part DROP CONSTRAINT to_part_id_at_fkey$$,
$$removed constraint app.to_part.to_part_id_at_fkey$$),
($$ALTER INDEX app.quick_pkey SET (fillfactor = 70)$$,
$$changed constraint app.quick.quick_pkey$$),
($$COMMENT ON CONSTRAINT price_positive ON app.main IS 'another'$$,
$$changed comment constraint app.main.price_positive$$);

-- Indexes.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE INDEX ON app.child (old)$$,
$$added index app.child_old_idx$$),
($$DROP INDEX app.by_feeling$$,
$$removed index app.by_feeling$$),
($$ALTER INDEX app.by_price RENAME TO by_cost$$,
$$added comment index app.by_cost
removed comment index app.by_price
added index app.by_cost
removed index app.by_price$$),
($$ALTER INDEX app.by_price SET (fillfactor = 51)$$,
$$changed index app.by_price$$),
($$ALTER INDEX app.by_price ALTER COLUMN 2 SET STATISTICS 301$$,
$$changed index app.by_price$$),
($$ALTER TABLE app.main SET WITHOUT CLUSTER$$,
$$changed index app.by_quoted$$),
($$UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.by_feeling'::regclass$$,
$$changed index app.by_feeling$$),
($$COMMENT ON INDEX app.by_price IS 'another'$$,
$$changed comment index app.by_price$$),
($$COMMENT ON INDEX app.main_pkey IS NULL$$,
$$removed comment index app.main_pkey$$),
($$DROP INDEX app.part_body$$,
$$removed index app.part_24_1_body_idx
removed index app.part_24_body_idx
removed index app.part_body
removed index app.part_rest_body_idx$$);

-- Sequences.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE SEQUENCE app.new$$,
$$added sequence app.new$$),
($$DROP SEQUENCE app.counter CASCADE$$,
$$changed column app.main.next
removed sequence app.counter$$),
($$ALTER SEQUENCE app.counter NO CYCLE$$,
$$changed sequence app.counter$$),
($$ALTER SEQUENCE app.counter RESTART WITH 7$$,
$$nothing$$),
($$ALTER SEQUENCE app.main_id_seq OWNED BY NONE$$,
$$removed sequence app.main_id_seq
added sequence app.main_id_seq$$),
($$ALTER SEQUENCE app.counter OWNER TO migrate_kinds_owner$$,
$$changed owner sequence app.counter$$),
($$REVOKE ALL ON SEQUENCE app.counter FROM migrate_kinds_reader$$,
$$removed privileges sequence app.counter$$);

-- Views.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE VIEW app.new AS SELECT 1 AS a$$,
$$added view app.new$$),
($$DROP VIEW app.seen$$,
$$removed view app.seen$$),
($$CREATE OR REPLACE VIEW app.seen AS SELECT m.id, m.feeling AS "Feel", 5 AS double FROM app.main m$$,
$$changed view app.seen$$),
($$ALTER VIEW app.seen RESET (security_barrier)$$,
$$changed view app.seen$$),
($$ALTER VIEW app.seen ALTER COLUMN id DROP DEFAULT$$,
$$removed column app.seen.id$$),
($$ALTER VIEW app.seen RENAME COLUMN "Feel" TO feel$$,
$$removed comment column app.seen."Feel"
added comment column app.seen.feel
changed view app.seen$$),
($$ALTER VIEW app.seen OWNER TO migrate_kinds_owner$$,
$$changed owner view app.seen$$),
($$COMMENT ON COLUMN app.seen."Feel" IS NULL$$,
$$removed comment column app.seen."Feel"$$),
($$GRANT SELECT ON app.seen TO PUBLIC$$,
$$added privileges view app.seen$$),
($$DROP MATERIALIZED VIEW app.kept$$,
$$removed materialized view app.kept$$),
($$ALTER MATERIALIZED VIEW app.kept SET (fillfactor = 81)$$,
$$changed materialized view app.kept$$),
($$ALTER MATERIALIZED VIEW app.kept ALTER COLUMN n SET STATISTICS 10$$,
$$changed column app.kept.n$$),
($$ALTER MATERIALIZED VIEW app.kept DEPENDS ON EXTENSION hstore$$,
$$changed materialized view app.kept$$),
($$REFRESH MATERIALIZED VIEW app.kept$$,
$$nothing$$);

-- Rules, triggers, policies.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE RULE new AS ON DELETE TO app.second DO ALSO NOTHING$$,
$$added rule app.second.new$$),
($$DROP RULE noted ON app.second$$,
$$removed comment rule app.second.noted
removed rule app.second.noted$$),
($$ALTER TABLE app.child ENABLE RULE no_delete$$,
$$changed rule app.child.no_delete$$),
($$ALTER RULE noted ON app.second RENAME TO renamed$$,
$$removed comment rule app.second.noted
added comment rule app.second.renamed
removed rule app.second.noted
added rule app.second.renamed$$),
($$COMMENT ON RULE noted ON app.second IS NULL$$,
$$removed comment rule app.second.noted$$),
($$CREATE TRIGGER new AFTER DELETE ON app.child FOR EACH STATEMENT EXECUTE FUNCTION app.touch()$$,
$$added trigger app.child.new$$),
($$DROP TRIGGER touch ON app.main$$,
$$removed comment trigger app.main.touch
removed trigger app.main.touch$$),
($$ALTER TABLE app.main ENABLE TRIGGER later$$,
$$changed trigger app.main.later$$),
($$ALTER TABLE app.main ENABLE REPLICA TRIGGER touch$$,
$$changed trigger app.main.touch$$),
($$ALTER TABLE app.part_rest DISABLE TRIGGER part_touch$$,
$$added trigger app.part_rest.part_touch$$),
($$ALTER TRIGGER touch ON app.main DEPENDS ON EXTENSION hstore$$,
$$changed trigger app.main.touch$$),
($$DROP TRIGGER part_touch ON app.part$$,
$$removed trigger app.part.part_touch$$),
($$COMMENT ON TRIGGER touch ON app.main IS NULL$$,
$$removed comment trigger app.main.touch$$),
($$CREATE POLICY new ON app.child USING (true)$$,
$$added policy app.child.new$$),
($$DROP POLICY own ON app.main$$,
$$removed comment policy app.main.own
removed policy app.main.own$$),
($$ALTER POLICY own ON app.main TO migrate_kinds_owner$$,
$$changed policy app.main.own$$),
($$ALTER POLICY own ON app.main WITH CHECK (id > 3)$$,
$$changed policy app.main.own$$),
($$COMMENT ON POLICY own ON app.main IS NULL$$,
$$removed comment policy app.main.own$$);

-- Functions.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE FUNCTION app.new() RETURNS int LANGUAGE sql AS 'SELECT 1'$$,
$$added function app.new()$$),
($$DROP FUNCTION app.ranked()$$,
$$removed function app.ranked()$$),
($$ALTER FUNCTION app.twice(int) RENAME TO double$$,
$$added function app.double(integer)
removed function app.twice(integer)
changed view app.seen$$),
($$CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN old; END'$$,
$$changed function app.touch()$$),
($$ALTER FUNCTION app.touch() STABLE$$,
$$changed function app.touch()$$),
($$CREATE OR REPLACE FUNCTION app.twice(n int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 7 SET work_mem = '2MB' AS 'SELECT n * 2'$$,
$$changed function app.twice(integer)$$),
($$ALTER FUNCTION app.touch() COST 50$$,
$$changed function app.touch()$$),
($$ALTER FUNCTION app.touch() SET work_mem = '1MB'$$,
$$changed function app.touch()$$),
($$ALTER FUNCTION app.touch() SECURITY DEFINER$$,
$$changed function app.touch()$$),
($$ALTER FUNCTION app.touch() OWNER TO postgres$$,
$$changed owner function app.touch()$$),
($$ALTER FUNCTION app.touch() SET SCHEMA public$$,
$$removed function app.touch()
added function public.touch()
changed trigger app.main.later
changed trigger app.main.touch
changed trigger app.part.part_touch$$),
($$ALTER FUNCTION app.twice(int) NO DEPENDS ON EXTENSION hstore$$,
$$changed function app.twice(integer)$$),
($$GRANT EXECUTE ON FUNCTION app.twice(int) TO PUBLIC$$,
$$removed privileges function app.twice(integer)$$),
($$REVOKE EXECUTE ON FUNCTION app.touch() FROM PUBLIC$$,
$$added privileges function app.touch()$$),
($$COMMENT ON FUNCTION app.twice(int) IS NULL$$,
$$removed comment function app.twice(integer)$$),
($$CREATE PROCEDURE app.new() LANGUAGE sql AS ''$$,
$$added procedure app.new()$$),
($$DROP PROCEDURE app.work(int)$$,
$$removed procedure app.work(integer)$$),
($$ALTER PROCEDURE app.work(int) SECURITY DEFINER$$,
$$changed procedure app.work(integer)$$),
($$DROP AGGREGATE app.total(int)$$,
$$removed aggregate app.total(integer)$$),
($$CREATE OR REPLACE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '1')$$,
$$changed aggregate app.total(integer)$$),
($$ALTER AGGREGATE app.moving(int) OWNER TO migrate_kinds_owner$$,
$$changed owner aggregate app.moving(integer)$$);

-- Types.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE TYPE app.new AS ENUM ('a')$$,
$$added enum app.new$$),
($$DROP TYPE app.shell$$,
$$removed type app.shell$$),
($$ALTER TYPE app.mood ADD VALUE 'mad' BEFORE 'glad'$$,
$$changed enum app.mood$$),
($$ALTER TYPE app.mood RENAME VALUE 'sad' TO 'blue'$$,
$$changed enum app.mood
changed view app.seen$$),
($$ALTER TYPE app.pair RENAME TO couple$$,
$$added cast (app.couple AS integer)
removed cast (app.pair AS integer)
changed column app.main.parts
added function app.noted(app.couple)
removed function app.noted(app.pair)
changed table app.typed
added type app.couple
removed type app.pair$$),
($$ALTER TYPE app.pair RENAME ATTRIBUTE b TO c CASCADE$$,
$$removed column app.typed.b
added column app.typed.c
removed comment column app.pair.b
added comment column app.pair.c
changed type app.pair$$),
($$ALTER TYPE app.pair ADD ATTRIBUTE z int CASCADE$$,
$$added column app.typed.z
changed type app.pair$$),
($$ALTER TYPE app.mood OWNER TO migrate_kinds_owner$$,
$$changed owner enum app.mood$$),
($$GRANT USAGE ON TYPE app.mood TO PUBLIC$$,
$$removed privileges enum app.mood$$),
($$DROP TYPE app.span$$,
$$removed range app.span$$),
($$ALTER TYPE app.base SET (STORAGE = main)$$,
$$changed type app.base$$),
($$ALTER TYPE app.base SET SCHEMA public$$,
$$removed cast (app.base AS app.mood)
added cast (public.base AS app.mood)
changed function app.base_in(cstring)
removed function app.base_out(app.base)
added function app.base_out(public.base)
removed type app.base
added type public.base$$),
($$CREATE DOMAIN app.new AS int$$,
$$added domain app.new$$),
($$DROP DOMAIN app.moods$$,
$$removed domain app.moods$$),
($$ALTER DOMAIN app.positive SET DEFAULT 2$$,
$$changed domain app.positive$$),
($$ALTER DOMAIN app.label DROP NOT NULL$$,
$$changed domain app.label$$),
($$ALTER DOMAIN app.positive DROP CONSTRAINT over_zero$$,
$$removed comment constraint app.positive.over_zero
removed constraint app.positive.over_zero$$),
($$ALTER DOMAIN app.positive ADD CONSTRAINT small CHECK (VALUE < 9) NOT VALID$$,
$$added constraint app.positive.small$$),
($$ALTER DOMAIN app.label RENAME CONSTRAINT not_empty TO filled$$,
$$added constraint app.label.filled
removed constraint app.label.not_empty$$),
($$COMMENT ON CONSTRAINT over_zero ON DOMAIN app.positive IS NULL$$,
$$removed comment constraint app.positive.over_zero$$),
($$COMMENT ON TYPE app.mood IS NULL$$,
$$removed comment enum app.mood$$);

-- Operators and casts.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE OPERATOR app.@@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)$$,
$$added operator app.@@@(integer, integer)$$),
($$DROP OPERATOR app.!! (NONE, app.mood)$$,
$$removed operator app.!!(NONE, app.mood)$$),
($$ALTER OPERATOR app.=== (app.positive, app.positive) SET (RESTRICT = NONE)$$,
$$changed operator app.===(app.positive, app.positive)$$),
($$ALTER OPERATOR app.=== (app.positive, app.positive) OWNER TO migrate_kinds_owner$$,
$$changed owner operator app.===(app.positive, app.positive)$$),
($$COMMENT ON OPERATOR app.=== (app.positive, app.positive) IS NULL$$,
$$removed comment operator app.===(app.positive, app.positive)$$),
($$CREATE OPERATOR FAMILY app.new USING btree$$,
$$added operator family app.new USING btree$$),
($$ALTER OPERATOR FAMILY app.moods_family USING btree ADD OPERATOR 1 < (int, int)$$,
$$changed operator family app.moods_family USING btree$$),
($$ALTER OPERATOR FAMILY app.moods_family USING btree RENAME TO renamed$$,
$$changed operator class app.moods_class USING btree
removed operator family app.moods_family USING btree
added operator family app.renamed USING btree$$),
($$DROP OPERATOR FAMILY app.lonely_family USING hash$$,
$$removed operator family app.lonely_family USING hash$$),
($$DROP OPERATOR CLASS app.moods_class USING btree$$,
$$removed operator class app.moods_class USING btree
changed operator family app.moods_family USING btree$$),
($$ALTER OPERATOR CLASS app.moods_class USING btree RENAME TO renamed$$,
$$removed operator class app.moods_class USING btree
added operator class app.renamed USING btree$$),
($$COMMENT ON OPERATOR CLASS app.moods_class USING btree IS NULL$$,
$$removed comment operator class app.moods_class USING btree$$),
($$CREATE CAST (app.mood AS app.pair) WITH INOUT AS IMPLICIT$$,
$$added cast (app.mood AS app.pair)$$),
($$DROP CAST (app.pair AS int)$$,
$$removed cast (app.pair AS integer)$$),
($$COMMENT ON CAST (app.pair AS int) IS NULL$$,
$$removed comment cast (app.pair AS integer)$$);

-- Collations, conversions, text search, statistics.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE COLLATION app.new FROM "POSIX"$$,
$$added collation app.new$$),
($$ALTER COLLATION app.sorted RENAME TO ordered$$,
$$added collation app.ordered
removed collation app.sorted$$),
($$DROP COLLATION app.sorted$$,
$$removed collation app.sorted$$),
($$COMMENT ON COLLATION app.sorted IS NULL$$,
$$removed comment collation app.sorted$$),
($$CREATE CONVERSION app.new FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1$$,
$$added conversion app.new$$),
($$DROP CONVERSION app.latin$$,
$$removed conversion app.latin$$),
($$ALTER CONVERSION app.latin OWNER TO migrate_kinds_owner$$,
$$changed owner conversion app.latin$$),
($$CREATE TEXT SEARCH DICTIONARY app.new (TEMPLATE = simple)$$,
$$added text search dictionary app.new$$),
($$ALTER TEXT SEARCH DICTIONARY app.stems (stopwords)$$,
$$changed text search dictionary app.stems$$),
($$DROP TEXT SEARCH CONFIGURATION app.search$$,
$$removed text search configuration app.search$$),
($$ALTER TEXT SEARCH CONFIGURATION app.search DROP MAPPING FOR word$$,
$$changed text search configuration app.search$$),
($$ALTER TEXT SEARCH CONFIGURATION app.search ALTER MAPPING FOR word WITH simple, app.stems$$,
$$changed text search configuration app.search$$),
($$ALTER TEXT SEARCH PARSER app.lines RENAME TO rows$$,
$$changed text search configuration app.search
removed text search parser app.lines
added text search parser app.rows$$),
($$ALTER TEXT SEARCH TEMPLATE app.plain RENAME TO simple_one$$,
$$changed text search dictionary app.stems
removed text search template app.plain
added text search template app.simple_one$$),
($$COMMENT ON TEXT SEARCH PARSER app.lines IS NULL$$,
$$removed comment text search parser app.lines$$),
($$CREATE STATISTICS app.new ON old, main FROM app.child$$,
$$added statistics app.new$$),
($$DROP STATISTICS app.stat$$,
$$removed statistics app.stat$$),
($$ALTER STATISTICS app.stat SET STATISTICS 78$$,
$$changed statistics app.stat$$),
($$ALTER STATISTICS app.stat OWNER TO migrate_kinds_owner$$,
$$changed owner statistics app.stat$$);

-- What is in no schema.
INSERT INTO kinds_case (statement, expected) VALUES
($$CREATE EXTENSION citext SCHEMA app$$,
$$added extension citext$$),
($$DROP EXTENSION hstore CASCADE$$,
$$removed extension hstore
removed function app.twice(integer)
removed view app.seen$$),
($$ALTER EXTENSION hstore SET SCHEMA public$$,
$$changed extension hstore$$),
($$UPDATE pg_extension SET extversion = '9' WHERE extname = 'hstore'$$,
$$changed extension version extension hstore$$),
($$ALTER EXTENSION hstore ADD FUNCTION app.ranked()$$,
$$removed function app.ranked()$$),
($$COMMENT ON EXTENSION hstore IS NULL$$,
$$removed comment extension hstore$$),
($$CREATE EVENT TRIGGER migrate_new ON sql_drop EXECUTE FUNCTION app.on_ddl()$$,
$$added event trigger migrate_new$$),
($$ALTER EVENT TRIGGER migrate_kinds DISABLE$$,
$$changed event trigger migrate_kinds$$),
($$DROP EVENT TRIGGER migrate_kinds$$,
$$removed event trigger migrate_kinds$$),
($$COMMENT ON EVENT TRIGGER migrate_kinds IS NULL$$,
$$removed comment event trigger migrate_kinds$$),
($$CREATE FOREIGN DATA WRAPPER new$$,
$$added foreign-data wrapper new$$),
($$ALTER FOREIGN DATA WRAPPER own_wrapper OPTIONS (SET password 'secret3')$$,
$$nothing$$),
($$ALTER FOREIGN DATA WRAPPER own_wrapper OPTIONS (SET host 'z')$$,
$$changed foreign-data wrapper own_wrapper$$),
($$ALTER FOREIGN DATA WRAPPER own_wrapper VALIDATOR postgresql_fdw_validator$$,
$$changed foreign-data wrapper own_wrapper$$),
($$CREATE SERVER new FOREIGN DATA WRAPPER own_wrapper$$,
$$added server new$$),
($$ALTER SERVER remote VERSION '2'$$,
$$changed server remote$$),
($$ALTER SERVER remote OPTIONS (SET port '2')$$,
$$changed server remote$$),
($$DROP SERVER remote$$,
$$removed server remote$$),
($$REVOKE USAGE ON FOREIGN SERVER remote FROM migrate_kinds_reader$$,
$$removed privileges server remote$$),
($$DROP USER MAPPING FOR PUBLIC SERVER far$$,
$$nothing$$),
($$DROP LANGUAGE tongue$$,
$$removed language tongue$$),
($$ALTER LANGUAGE tongue OWNER TO migrate_kinds_owner$$,
$$changed owner language tongue$$),
($$CREATE ACCESS METHOD new TYPE INDEX HANDLER bthandler$$,
$$added access method new$$),
($$COMMENT ON ACCESS METHOD own_heap IS NULL$$,
$$removed comment access method own_heap$$),
($$DROP TRANSFORM FOR app.mood LANGUAGE sql$$,
$$removed transform FOR app.mood LANGUAGE sql$$),
($$CREATE PUBLICATION new$$,
$$added publication new$$),
($$ALTER PUBLICATION some_rows SET (publish = 'insert')$$,
$$changed publication some_rows$$),
($$ALTER PUBLICATION some_rows DROP TABLE app.child$$,
$$removed publication table some_rows: app.child
removed publication table some_rows: app.heir$$),
($$DROP PUBLICATION everything$$,
$$removed publication everything$$),
($$ALTER PUBLICATION everything OWNER TO migrate_kinds_owner$$,
$$changed owner publication everything$$),
($$ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT EXECUTE ON FUNCTIONS TO migrate_kinds_reader$$,
$$added default privileges FOR ROLE postgres IN SCHEMA app ON FUNCTIONS$$),
($$ALTER DEFAULT PRIVILEGES IN SCHEMA app REVOKE SELECT ON TABLES FROM migrate_kinds_reader$$,
$$removed default privileges FOR ROLE postgres IN SCHEMA app ON TABLES$$),
($$ALTER DEFAULT PRIVILEGES FOR ROLE migrate_kinds_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC$$,
$$removed default privileges FOR ROLE migrate_kinds_owner ON FUNCTIONS$$);

-- What is no schema.
INSERT INTO kinds_case (statement, expected) VALUES
($$INSERT INTO app.quick VALUES (1)$$,
$$nothing$$),
($$ANALYZE app.second$$,
$$nothing$$),
($$SELECT nextval('app.counter')$$,
$$nothing$$),
($$CREATE TEMP TABLE app_temp (a int)$$,
$$nothing$$),
($$SELECT lo_create(0)$$,
$$nothing$$),
($$GRANT SELECT ON app.child TO postgres WITH GRANT OPTION; REVOKE GRANT OPTION FOR SELECT ON app.child FROM postgres$$,
$$nothing$$),
($$ALTER TABLE app.child ADD COLUMN gone int; ALTER TABLE app.child DROP COLUMN gone$$,
$$nothing$$),
($$ALTER DATABASE migrate_pg_test SET work_mem = '1MB'$$,
$$nothing$$);

-- Since 17 NOT NULL of a domain, and since 18 that of a column, is a constraint.
UPDATE kinds_case SET expected = E'removed constraint app.label.label_not_null\n'
    || expected
WHERE statement LIKE 'ALTER DOMAIN % DROP NOT NULL'
    AND current_setting('server_version_num')::int >= 170000;
UPDATE kinds_case SET expected = expected
    || E'\nremoved constraint app.main.main_made_not_null'
WHERE statement LIKE 'ALTER TABLE % DROP NOT NULL'
    AND current_setting('server_version_num')::int >= 180000;

SELECT plan(8 + (SELECT count(*)::int FROM kinds_case));

SELECT migrate_accept();
SELECT is_empty('SELECT * FROM migrate_drift()', 'what is recorded is there');

-- Kinds that cannot be made in a transaction, or not without a module that
-- nobody has: tablespace, security label.
SELECT is((SELECT string_agg(DISTINCT kind, ', ' ORDER BY kind)
           FROM migrate_object WHERE kind <> 'record'
               AND NOT kind = 'publication schema'),
    'access method, aggregate, cast, collation, column, comment, constraint, '
    'conversion, default privileges, domain, enum, event trigger, extension, '
    'extension version, foreign table, foreign-data wrapper, function, index, '
    'language, materialized view, operator, operator class, operator family, '
    'owner, policy, privileges, procedure, publication, publication table, '
    'range, rule, schema, sequence, server, statistics, table, '
    'text search configuration, text search dictionary, text search parser, '
    'text search template, transform, trigger, type, view',
    'every kind is told');
SELECT is_empty('SELECT kind, identity FROM migrate_object
                 WHERE definition ~ ''secret[0-9]''', 'but no secret');
SELECT is_empty('SELECT kind, identity FROM migrate_object o
                 WHERE parent IS NOT NULL AND NOT EXISTS (SELECT FROM
                     migrate_object p WHERE p.parent IS NULL
                     AND p.identity = o.parent AND p.target = o.target)',
                'what is a part is one of something');
SELECT is_empty('SELECT kind, identity FROM migrate_object
                 WHERE identity ~ ''(migrate|pgtap|hstore_|pg_toast)'' AND
                     identity !~ ''(migrate_kinds|extension pgtap)''
                     AND (kind, identity) <> (''extension'', ''pgtap'')',
                'what belongs to extensions or the server is not told');

-- How the session writes things makes no difference.
SET search_path = app, public, pg_catalog;
SET quote_all_identifiers = on;
SET DateStyle = 'German, DMY';
SET IntervalStyle = 'sql_standard';
SET TimeZone = 'America/New_York';
SET extra_float_digits = -5;
SET bytea_output = 'escape';
SET xmlbinary = 'hex';
SET standard_conforming_strings = off;
SELECT is_empty('SELECT * FROM migrate_drift()',
                'no setting changes what is told');
SELECT is(current_setting('DateStyle') || current_setting('search_path'),
          'German, DMYapp, public, pg_catalog', 'the settings are left alone');
RESET ALL;
SET client_min_messages = error;

SELECT is(pg_temp.changes(statement), expected, statement)
FROM kinds_case ORDER BY number;
SELECT is_empty('SELECT * FROM migrate_drift()', 'and all of it was undone');

SELECT * FROM finish();
ROLLBACK;
