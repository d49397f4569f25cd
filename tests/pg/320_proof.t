#!/bin/bash
# The proof of an adoption, in a scratch database.  TAP; PGHOST and PGUSER say
# which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_proof
for role in migrate_proof_plain migrate_proof_maker; do
    admin "DROP ROLE IF EXISTS $role" 2> /dev/null
done
number=$(run "SELECT oid FROM pg_database WHERE datname = current_database()")
scratch=migrate_scratch_$number
admin "DROP DATABASE IF EXISTS $scratch" 2> /dev/null

# What is left of scratch databases and their workers.
left="SELECT (SELECT count(*) FROM pg_database WHERE datname = '$scratch')
           + (SELECT count(*) FROM pg_stat_activity
              WHERE backend_type = 'migrate worker')"

# What the report tells of the schema: what each row is about, and its state.
rest=' (is: |is made by the migrations|is in the database, ).*'
differences="SELECT regexp_replace(problem, '$rest', '') COLLATE \"C\", state
    FROM migrate_adopt_report()
    WHERE state IN ('missing', 'extra', 'differs', 'not proved') ORDER BY 1, 2"
reason="SELECT split_part(problem, E'\\n', 1) FROM migrate_adopt_report()
    WHERE state = 'not proved'"

# One migration, which goose has applied.  What was there before is gone.
migration()
{
    run "SELECT migrate_add('1', \$up\$$1\$up\$)" > /dev/null
}

run "CREATE TABLE goose_db_version (id serial PRIMARY KEY,
         version_id bigint NOT NULL, is_applied boolean NOT NULL,
         tstamp timestamp DEFAULT now());
     INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true)"

# ---- Each kind of object ----

objects=$(cat <<'SQL'
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'glad');
CREATE TYPE app.pair AS (a int, b text);
CREATE TYPE app.span AS RANGE (subtype = date);
CREATE DOMAIN app.positive AS int DEFAULT 1 CHECK (VALUE > 0);
CREATE SEQUENCE app.counter START 5 INCREMENT 2;
CREATE TABLE app.t (id serial PRIMARY KEY, b text DEFAULT 'x' COLLATE "C",
    c int GENERATED ALWAYS AS (1 + 1) STORED, d app.mood,
    e int GENERATED ALWAYS AS IDENTITY, f numeric(10, 2) NOT NULL,
    CONSTRAINT f_positive CHECK (f > 0), UNIQUE (b));
CREATE TABLE app.child (t int REFERENCES app.t ON DELETE CASCADE);
CREATE TABLE app.part (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE app.part_24 PARTITION OF app.part
    FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE app.heir (more int) INHERITS (app.child);
CREATE UNLOGGED TABLE app.quick (a int) WITH (fillfactor = 70);
ALTER TABLE app.t ALTER b SET (n_distinct = 5);
CREATE INDEX by_f ON app.t (f) WHERE f > 1;
CREATE VIEW app.v AS SELECT id, b FROM app.t;
CREATE MATERIALIZED VIEW app.m AS SELECT 1 AS x;
CREATE FUNCTION app.f(a int, b int DEFAULT 2) RETURNS int
    LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE PROCEDURE app.p() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE FUNCTION app.g() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RETURN new; END';
CREATE TRIGGER g BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.g();
CREATE RULE r AS ON DELETE TO app.child DO INSTEAD NOTHING;
ALTER TABLE app.t ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.t FOR SELECT TO PUBLIC USING (id > 1);
CREATE STATISTICS app.s ON id, f FROM app.t;
CREATE OPERATOR app.<+> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl);
CREATE COLLATION app.c FROM "C";
COMMENT ON TABLE app.t IS 'a table';
COMMENT ON COLUMN app.t.b IS 'a column';
COMMENT ON FUNCTION app.f(int, int) IS 'a function';
CREATE PUBLICATION pub;
SQL
)
migration "$objects"
run "$objects" > /dev/null
is "$(run "$differences")" '' 'the same statements give the same objects'
is "$(run "$left")" 0 'nothing is left behind'

run "INSERT INTO app.quick VALUES (1); ANALYZE;
     ALTER TABLE app.child ADD COLUMN gone int;
     ALTER TABLE app.child DROP COLUMN gone;
     GRANT SELECT ON app.t TO PUBLIC" > /dev/null
is "$(run "$differences")" '' \
    'rows, statistics, privileges and dropped columns do not count'

run "DROP PUBLICATION pub; DROP OPERATOR app.<+> (int, int);
     DROP COLLATION app.c; DROP STATISTICS app.s; DROP POLICY own ON app.t;
     DROP RULE r ON app.child; ALTER TABLE app.t DISABLE TRIGGER g;
     DROP AGGREGATE app.total(int); DROP PROCEDURE app.p();
     CREATE OR REPLACE FUNCTION app.f(a int, b int DEFAULT 2) RETURNS int
         LANGUAGE sql IMMUTABLE AS 'SELECT a - b';
     DROP MATERIALIZED VIEW app.m;
     CREATE OR REPLACE VIEW app.v AS SELECT id, b || 'x' COLLATE \"C\" AS b
         FROM app.t;
     DROP INDEX app.by_f; DROP TABLE app.quick; DROP TABLE app.heir;
     ALTER TABLE app.child DROP CONSTRAINT child_t_fkey;
     ALTER TABLE app.child ADD CONSTRAINT child_t_fkey
         FOREIGN KEY (t) REFERENCES app.t;
     ALTER TABLE app.part DETACH PARTITION app.part_24;
     ALTER TABLE app.t ALTER b SET DEFAULT 'y';
     ALTER TABLE app.t ALTER b SET (n_distinct = 6);
     ALTER TABLE app.t ALTER f DROP NOT NULL;
     ALTER TABLE app.t ALTER e SET GENERATED BY DEFAULT;
     ALTER TABLE app.t DROP CONSTRAINT f_positive;
     ALTER SEQUENCE app.counter CYCLE;
     ALTER DOMAIN app.positive SET DEFAULT 2;
     ALTER TYPE app.mood ADD VALUE 'mad';
     ALTER TYPE app.pair ADD ATTRIBUTE c int;
     COMMENT ON TABLE app.t IS 'another';
     CREATE SCHEMA more; CREATE TABLE more.own (id serial, b int UNIQUE);
     CREATE EXTENSION pgcrypto" > /dev/null 2>&1
with_extension=$(run "SELECT count(*) FROM pg_extension
                      WHERE extname = 'pgcrypto'")
# From 18 on, NOT NULL is a constraint of its own.
is "$(run "$differences" | grep -vx -e 'extension pgcrypto|extra' \
    -e 'constraint app.t.t_f_not_null|missing')" \
    'aggregate app.total(integer)|missing
collation app.c|missing
column app.t.b|differs
column app.t.e|differs
column app.t.f|differs
comment table app.t|differs
constraint app.child.child_t_fkey|differs
constraint app.t.f_positive|missing
domain app.positive|differs
enum app.mood|differs
function app.f(integer, integer)|differs
index app.by_f|missing
materialized view app.m|missing
operator app.<+>(integer, integer)|missing
policy app.t.own|missing
procedure app.p()|missing
publication pub|missing
rule app.child.r|missing
schema more|extra
sequence app.counter|differs
statistics app.s|missing
table app.heir|missing
table app.part_24|differs
table app.quick|missing
table more.own|extra
trigger app.t.g|differs
type app.pair|differs
view app.v|differs' 'each kind of difference has its row'
if [ "$with_extension" = 1 ]; then
    like "$(run "$differences")" '^extension pgcrypto|extra$' \
        'an extension is one row, without what it holds'
else
    skip 'pgcrypto is not installed here'
fi
run 'DROP SCHEMA app, more CASCADE; DROP EXTENSION IF EXISTS pgcrypto' \
    > /dev/null 2>&1

# ---- As migrate_deploy() would run them ----

run "SELECT migrate_add('1', '-- migrate:up transaction:false
CREATE TYPE kind AS ENUM (''a'');
ALTER TYPE kind ADD VALUE ''b'';
CREATE TABLE t (k kind DEFAULT ''b'');
SET search_path = pg_catalog;
CREATE INDEX CONCURRENTLY i ON public.t (k);
VACUUM public.t;
')" > /dev/null
run "CREATE TYPE kind AS ENUM ('a', 'b'); CREATE TABLE t (k kind DEFAULT 'b');
     CREATE INDEX i ON t (k)"
is "$(run "$differences")" '' 'what cannot be in a transaction is in none'
run 'DROP TABLE t; DROP TYPE kind'

run "SELECT migrate_add('2', 'CREATE TABLE t (id int)');
     INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, true)" \
    > /dev/null
migration 'CREATE SCHEMA s; SET search_path = s'
run 'CREATE SCHEMA s; CREATE TABLE t (id int)'
is "$(run "$differences")" '' 'what one has set does not count for the next'
run "DROP SCHEMA s; DROP TABLE t;
     DELETE FROM goose_db_version WHERE version_id = 2"

# ---- A target schema ----

migration 'CREATE TABLE t (id int)'
run 'CREATE SCHEMA one; CREATE TABLE one.t (id int); CREATE TABLE other (a int)'
is "$(run "SET migrate.target_schema = 'one'; $differences")" '' \
    'of a target schema, that one alone'
run 'ALTER TABLE one.t ADD b int'
is "$(run "SET migrate.target_schema = 'one'; $differences")" \
    'column t.b|extra' 'and what differs in it'
run 'DROP SCHEMA one CASCADE; DROP TABLE other' > /dev/null 2>&1

# ---- What reaches beyond the database ----

before=$(run 'SELECT count(*) FROM pg_authid')
for text in 'CREATE ROLE migrate_proof_leak' \
    "DO 'BEGIN EXECUTE ''CREATE ROLE migrate_proof_leak''; END'" \
    'ALTER ROLE CURRENT_USER SET work_mem = 99' \
    'GRANT pg_monitor TO migrate_proof_leak' 'DROP OWNED BY CURRENT_USER' \
    'REASSIGN OWNED BY CURRENT_USER TO CURRENT_USER' \
    "ALTER DATABASE $database SET work_mem = 99" \
    "ALTER DATABASE $database RENAME TO migrate_proof_leak" \
    "ALTER DATABASE $database OWNER TO CURRENT_USER" \
    "COMMENT ON DATABASE $database IS 'x'" \
    "GRANT CONNECT ON DATABASE $database TO PUBLIC" \
    'ALTER SYSTEM SET work_mem = 99' 'CREATE DATABASE migrate_proof_leak' \
    "CREATE TABLESPACE migrate_proof_leak LOCATION '/tmp'" \
    "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p" \
    "COPY (SELECT 1) TO '$work/leak'" "COPY (SELECT 1) TO PROGRAM 'true'"; do
    migration "$text"
    like "$(run "$reason")" 'reaches beyond the database' "refused: $text"
done
is "$(run 'SELECT count(*) FROM pg_authid')" "$before" 'no role was made'
is "$(run "SELECT count(*) FROM pg_database
           WHERE datname = 'migrate_proof_leak'")" 0 'and no database'
if [ -e "$work/leak" ]; then there=t; else there=f; fi
is "$there" f 'and no file'

# ---- Who may ----

migration 'CREATE TABLE t (id int)'
run "CREATE TABLE t (id int); CREATE ROLE migrate_proof_plain LOGIN;
     CREATE ROLE migrate_proof_maker LOGIN CREATEDB;
     GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;
     GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public
         TO migrate_proof_plain, migrate_proof_maker" > /dev/null
as()
{
    printf '%s;\n' "$2" |
        psql -X -q -A -t -v VERBOSITY=verbose -U "$1" -d "$database" 2>&1
}
like "$(as migrate_proof_plain "$reason")" \
    'role "migrate_proof_plain" may not create databases' \
    'without CREATEDB there is no proof'
is "$(as migrate_proof_maker "$differences")" '' 'with it there is'
like "$(run "SET ROLE migrate_proof_plain; $reason")" \
    'role "migrate_proof_plain" may not' 'the role that was set counts'
run "SET ROLE migrate_proof_maker;
     SELECT migrate_add('1', 'CREATE TABLE t (id int)')" > /dev/null
as migrate_proof_maker "SELECT migrate_add('1', 'CREATE TABLE t (id int); --')" \
    > /dev/null
like "$(run "$reason")" 'is not trusted' \
    'a superuser does not run what somebody else has brought in'
migration 'CREATE TABLE t (id int)'
is "$(run "SET default_transaction_read_only = on; $differences")" '' \
    'a session that only reads can ask'

# ---- Ends of all kinds ----

migration 'SELECT pg_sleep(60)'
like "$(run "SET statement_timeout = '1500ms'; $reason")" \
    'canceling statement due to statement timeout' 'a timeout ends the call'
wait_until "SELECT ($left) = 0"
is "$(run "$left")" 0 'nothing is left behind a timeout'
like "$(run "SET migrate.statement_timeout = '500ms'; $reason")" \
    'canceling statement due to migrate.statement_timeout' \
    'that of a statement is a row'

open_session
tell "$reason;"
wait_until "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '$scratch'"
admin "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = '$database' AND backend_type = 'client backend'
         AND query LIKE 'SELECT split_part%'" > /dev/null
close_session 2> /dev/null
wait_until "SELECT ($left) = 0"
is "$(run "$left")" 0 'nothing is left behind a session that was ended'

open_session
tell "$reason;"
wait_until "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '$scratch'"
admin "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = '$scratch'" > /dev/null
close_session
like "$(cat "$work/session.out")" 'terminating .*administrator command' \
    'a worker that was ended is a row'
is "$(run "$left")" 0 'nothing is left behind it'

like "$(psql -X -d "$scratch" -c 'SELECT 1' 2>&1)" 'does not exist' \
    'no scratch database is there now'
admin "CREATE DATABASE $scratch ALLOW_CONNECTIONS false"
migration 'CREATE TABLE t (id int)'
is "$(run "$differences")" '' 'a leftover is dropped'
is "$(run "$left")" 0 'and the new one, too'
admin "CREATE DATABASE $scratch"
like "$(run "$reason")" "database \"$scratch\" is in the way" \
    'one of somebody else is not'
is "$(run "SELECT count(*) FROM pg_database WHERE datname = '$scratch'")" 1 \
    'it is still there'
admin "DROP DATABASE $scratch"

# ---- Several at once ----

for i in 1 2 3; do
    run "$differences" > "$work/$i" &
done
wait
is "$(cat "$work"/[123])" '' 'three at once wait for one another'
migration 'SELECT pg_sleep(3)'
open_session
tell "$reason;"
wait_until "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '$scratch'"
like "$(psql -X -h "$PGHOST" -d "$scratch" -c 'SELECT 1' 2>&1)" \
    'is not currently accepting connections' 'nobody else gets into it'
like "$(run "SET migrate.wait_timeout = '200ms'; $reason")" \
    'another call is trying migrations' 'or give up after wait_timeout'
close_session

# Whoever builds an index concurrently waits for the snapshot of the proof, and
# the proof for nothing of his.
open_session
tell "$reason;"
wait_until "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '$scratch'"
run 'CREATE INDEX CONCURRENTLY t_id ON t (id)' > "$work/index" 2>&1 &
builder=$!
close_session
wait "$builder"
is "$(cat "$work/index")" '' 'an index can be built concurrently meanwhile'
is "$(run "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_id'::regclass")" \
    t 'and is valid'
run 'DROP INDEX t_id'

# ---- The adoption itself ----

migration 'CREATE TABLE t (id int, b int)'
run "SELECT migrate_config('adopt_strict', 'on')" > /dev/null
like "$(run 'SELECT migrate_adopt()')" \
    'ERROR:  55000: the database is not what the migrations of "goose" make' \
    'with adopt_strict it is refused'
is "$(run "SELECT count(*) FROM migrate_applied")" 0 'and nothing is recorded'
is "$(run "$left")" 0 'nothing is left behind'

# ---- Many ----

run 'ALTER TABLE t ADD COLUMN b int'
is "$(run 'SELECT migrate_adopt()')" 1 'put right, it is made'
run "SELECT migrate_config('adopt_strict', 'off'); TRUNCATE migrate_applied;
     TRUNCATE goose_db_version; DROP TABLE t;
     INSERT INTO goose_db_version (version_id, is_applied)
         SELECT g, true FROM generate_series(1, 1000) g;
     SELECT count(migrate_add(g::text, format(
         'CREATE TABLE m%s (id serial PRIMARY KEY, v text);
          CREATE INDEX ON m%s (v)', g, g))) FROM generate_series(1, 1000) g" \
    > /dev/null
for step in 0 250 500 750; do # as many locks as a transaction has room for
    run "DO 'BEGIN FOR i IN $((step + 1))..$((step + 250)) LOOP
         EXECUTE format(''CREATE TABLE m%s (id serial PRIMARY KEY, v text)'', i);
         EXECUTE format(''CREATE INDEX ON m%s (v)'', i); END LOOP; END'"
done
is "$(run "$differences")" '' 'a thousand migrations'

for role in migrate_proof_plain migrate_proof_maker; do
    run "DROP OWNED BY $role" > /dev/null
    admin "DROP ROLE $role"
done
finish
