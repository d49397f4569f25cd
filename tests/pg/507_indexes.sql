-- The text of an index is that of the server's function, also where it is put
-- together without it.
\set QUIET 1
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
BEGIN;
SELECT plan(8);
CREATE EXTENSION migrate;
CREATE SCHEMA "An app";
SET search_path = "An app", pg_catalog, public;

CREATE DOMAIN name_of AS text COLLATE "C";
CREATE DOMAIN day_of AS date;
CREATE TYPE mood AS ENUM ('a');
CREATE TYPE pair AS (a int, b text);
CREATE COLLATION sorted (LC_COLLATE = 'C', LC_CTYPE = 'C');
-- Its name is also one of the server's.
CREATE TABLE pg_class (a int, b text);
CREATE TABLE every (
    a int, "B ""b" bigint, "select" smallint, c text, d varchar(20), e bpchar(3),
    f "char", g name, h numeric(5, 1), i real, j double precision, k boolean,
    l date, m timestamp, n timestamptz, o time, p timetz, q interval, r uuid,
    s bytea, t inet, u cidr, v macaddr, w bit(3), x varbit, y oid, z money,
    name_of name_of, day_of day_of, mood mood, pair pair, ints int[],
    words varchar[], days daterange, search tsvector, body jsonb, spot point,
    text_c text COLLATE "C", varchar_c varchar COLLATE "C", tid tid, lsn pg_lsn
);

-- Each method that can have a column's type, with each class that it can have;
-- what cannot be is left out.
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT attname, amname, opcname, nspname, opcname <> '' AS has_class
        FROM pg_attribute, pg_am, LATERAL (
            SELECT '' AS opcname, '' AS nspname UNION ALL
            SELECT o.opcname, s.nspname FROM pg_opclass o
            JOIN pg_namespace s ON s.oid = opcnamespace
            WHERE opcmethod = pg_am.oid AND opcintype IN (atttypid, 25, 1042,
                (SELECT typbasetype FROM pg_type WHERE pg_type.oid = atttypid),
                'anyarray'::regtype, 'anyenum'::regtype, 'record'::regtype,
                'anyrange'::regtype)) classes
        WHERE attrelid = 'every'::regclass AND attnum > 0 AND amtype = 'i'
    LOOP
        BEGIN
            EXECUTE format('CREATE INDEX ON every USING %I (%I %s)', each.amname,
                each.attname, CASE WHEN each.has_class THEN
                    format('%I.%I', each.nspname, each.opcname) END);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
END $$;

-- What else an index can have.
CREATE INDEX ON every (a DESC);
CREATE INDEX ON every (a NULLS FIRST, "B ""b");
CREATE INDEX ON every (a, "B ""b" DESC NULLS LAST);
CREATE INDEX ON every (a, "B ""b", "select", c, d, e, f, g, h, i, j, k, l, m, n);
CREATE INDEX ON every (n, m, a, a, m);
CREATE UNIQUE INDEX "An index" ON every (a, "select");
CREATE UNIQUE INDEX covers ON every (a) INCLUDE (c);
CREATE INDEX ON every (c COLLATE "C");
CREATE INDEX ON every (a, c COLLATE sorted);
CREATE INDEX ON every (text_c COLLATE "default", varchar_c COLLATE "C");
CREATE INDEX ON every (varchar_c COLLATE "default");
CREATE INDEX ON every (d COLLATE "C");
CREATE INDEX ON every (lower(c));
CREATE INDEX ON every (a, (a + 1));
CREATE INDEX ON every (a) WHERE c > 'x';
CREATE INDEX ON every (a) WITH (fillfactor = 50);
CREATE INDEX ON every USING gist (days range_ops);
CREATE INDEX ON every USING gist (search tsvector_ops (siglen = 100));
CREATE INDEX ON every USING brin (a) WITH (pages_per_range = 3);
CREATE INDEX targets ON every (lower(c), a);
ALTER INDEX targets ALTER COLUMN 1 SET STATISTICS 100;
CREATE INDEX ON pg_class (a);
CREATE INDEX "pg_type" ON pg_class (b, a);
CREATE MATERIALIZED VIEW seen AS SELECT a, c FROM every;
CREATE UNIQUE INDEX ON seen (a, c);
CREATE TABLE parts (a int, b varchar) PARTITION BY LIST (a);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1);
CREATE INDEX ON parts (b, a);
CREATE INDEX ON ONLY parts (a);
CREATE TABLE keys (a int PRIMARY KEY, b text UNIQUE, EXCLUDE USING gist (int4range(a, a) WITH &&));
ALTER TABLE keys CLUSTER ON keys_pkey;
SELECT current_setting('server_version_num')::int >= 150000 AS has_nulls \gset
\if :has_nulls
CREATE UNIQUE INDEX nulls ON every (a, c) NULLS NOT DISTINCT;
\endif

-- What is recorded beside what the server says of it.  It names the schema of a
-- table where that is hidden, and we its dot.
CREATE FUNCTION pg_temp.differs() RETURNS TABLE (told text, said text)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    schema text := current_setting('migrate.target_schema', true);
BEGIN
    PERFORM public.migrate_accept();
    PERFORM set_config('search_path', CASE WHEN schema <> '' THEN
        'pg_catalog, "An app", pg_temp' ELSE 'pg_catalog, pg_temp' END, true);
    RETURN QUERY SELECT o.definition, i.text
        FROM (SELECT identity, definition FROM public.migrate_object
              WHERE kind = 'index'
              AND target = coalesce(schema, '')) o
        FULL JOIN (SELECT c.relname, CASE WHEN schema <> '' THEN
                replace(pg_get_indexdef(c.oid, 0, true), '"An app".pg_class',
                        '.pg_class')
                ELSE pg_get_indexdef(c.oid, 0, true) END AS text
            FROM pg_catalog.pg_class c WHERE relkind IN ('i', 'I')
            AND relnamespace = '"An app"'::regnamespace AND NOT EXISTS
            (SELECT FROM pg_constraint WHERE conindid = c.oid)) i
        ON o.identity = CASE WHEN schema <> '' THEN '' ELSE '"An app".' END
            || quote_ident(i.relname)
        WHERE o.definition IS NULL OR i.text IS NULL
            OR NOT starts_with(o.definition, i.text)
            OR substr(o.definition, length(i.text) + 1)
               !~ '^( PARTITION OF .*)?( INVALID)?( STATISTICS .*)?$';
END $$;

SELECT cmp_ok((SELECT count(*) FROM pg_index
               WHERE indrelid = 'every'::regclass), '>', 150::bigint,
              'there are many indexes');
SELECT cmp_ok((SELECT count(*) FROM pg_index JOIN pg_opclass o
               ON o.oid = indclass[0] WHERE indrelid = 'every'::regclass
               AND NOT opcdefault), '>', 20::bigint, 'also of other classes');
SELECT is_empty('SELECT * FROM pg_temp.differs()', 'each is as the server says');

-- Another class is the default one for varchar; one of a domain is for none.
CREATE OPERATOR CLASS backwards DEFAULT FOR TYPE varchar USING btree AS
    OPERATOR 1 >(text, text), OPERATOR 2 >=(text, text),
    OPERATOR 3 =(text, text), OPERATOR 4 <=(text, text),
    OPERATOR 5 <(text, text), FUNCTION 1 (varchar, varchar) bttextcmp(text, text);
CREATE INDEX with_own ON every (d);
CREATE INDEX with_text ON every (d text_ops);
SELECT ok(pg_get_indexdef('with_text'::regclass) LIKE '%text_ops%',
          'the server writes the class then');
SELECT is_empty('SELECT * FROM pg_temp.differs()', 'and so do we');
CREATE OPERATOR CLASS of_days DEFAULT FOR TYPE day_of USING btree AS
    OPERATOR 1 <(date, date), OPERATOR 2 <=(date, date),
    OPERATOR 3 =(date, date), OPERATOR 4 >=(date, date),
    OPERATOR 5 >(date, date), FUNCTION 1 (day_of, day_of) date_cmp(date, date);
CREATE INDEX with_class_of_domain ON every (day_of of_days);
SELECT ok(pg_get_indexdef('with_class_of_domain'::regclass) LIKE '%of_days%',
          'the server writes that of a domain, too');
SELECT is_empty('SELECT * FROM pg_temp.differs()', 'and so do we');

SET LOCAL migrate.target_schema = 'An app';
SELECT is_empty('SELECT * FROM pg_temp.differs()', 'also in a schema alone');
SELECT * FROM finish();
ROLLBACK;
