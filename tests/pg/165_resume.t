#!/bin/bash
# What an interrupted or failed part leaves: who goes on with it, and with what
# care for what is others'.  TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_resume
# What the tests make by hand is not their subject.
run "SELECT migrate_config('on_drift', 'ignore')" > /dev/null
server=$(run 'SHOW server_version_num')

add()
{
    run "SELECT migrate_add('$1', \$up\$$2\$up\$, \$down\$${3:-}\$down\$)" \
        > /dev/null
}

# A worker of this database that waits for others.
blocked="SELECT count(*) = 1 FROM pg_stat_activity
         WHERE cardinality(pg_blocking_pids(pid)) > 0 AND datname = '$database'
           AND backend_type = 'migrate worker'"

# interrupt SQL: cancel a deploy whose worker waits for a session that has run SQL.
interrupt()
{
    open_session
    tell "BEGIN; $1;"
    wait_until "SELECT count(*) = 1 FROM pg_stat_activity
                WHERE state = 'idle in transaction' AND datname = '$database'"
    run 'SET lock_timeout = 0; SET migrate.lock_timeout = 0;
         CALL migrate_deploy()' > "$work/deploy" &
    deploy=$!
    wait_until "$blocked"
    run "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE query LIKE 'CALL migrate%' AND datname = '$database'
           AND backend_type = 'client backend'" > /dev/null
    wait $deploy
    tell 'ROLLBACK;'
    close_session
    wait_until "SELECT count(*) = 0 FROM pg_stat_activity
                WHERE backend_type = 'migrate worker'"
}

run 'CREATE TABLE ran (what int); CREATE TABLE t (id int, v int, w int);
     INSERT INTO t SELECT g, g, g FROM generate_series(1, 50) g;
     CREATE INDEX t_old ON t (w)'

# ---- What is done is not done again ----

add 1 'BEGIN; INSERT INTO ran VALUES (1); COMMIT;
BEGIN; INSERT INTO ran VALUES (2); SELECT 1/0; COMMIT' \
    'BEGIN; INSERT INTO ran VALUES (-1); COMMIT; BEGIN; SELECT 1/0; COMMIT'
run 'CALL migrate_deploy()' > /dev/null
add 1 'BEGIN; INSERT INTO ran VALUES (1); COMMIT;
BEGIN; INSERT INTO ran VALUES (2); COMMIT' \
    'BEGIN; INSERT INTO ran VALUES (-1); COMMIT; BEGIN; SELECT 1/0; COMMIT'
said=$(run 'SELECT migrate_apply()')
like "$said" '^ERROR:  55000: a part of migration "1" is done already' \
    'a function does not begin it anew'
like "$said" '^HINT:  CALL migrate_deploy()' 'it names what goes on'
add 1 'INSERT INTO ran VALUES (1), (2)'
like "$(run 'CALL migrate_deploy()')" 'was changed after a part of it was run' \
    'nor does a deploy of a text that takes one transaction'
add 1 'BEGIN; INSERT INTO ran VALUES (1); COMMIT;
BEGIN; INSERT INTO ran VALUES (2); COMMIT' \
    'BEGIN; INSERT INTO ran VALUES (-1); COMMIT; BEGIN; SELECT 1/0; COMMIT'
is "$(run "CALL migrate_deploy(); SELECT string_agg(what::text, ' ') FROM ran")" \
    '1 2' 'each statement has run once'
run 'CALL migrate_revert()' > /dev/null
like "$(run "SELECT migrate_rollback()")" 'a part of migration "1" is done already' \
    'half a way back is not begun anew either'
like "$(run 'SELECT state, detail FROM migrate_status()')" \
    '^applied|its way back has failed: migration "1" failed at line 1: division' \
    'status tells of it'
run "SELECT migrate_stamp('base'); SELECT migrate_stamp('1')" > /dev/null

# ---- A failed statement may be corrected ----

add 2 'INSERT INTO ran VALUES (3); CREATE INDEX CONCURRENTLY t_v ON t (vv)'
run 'CALL migrate_deploy()' > /dev/null
add 2 'INSERT INTO ran VALUES (3); CREATE INDEX CONCURRENTLY t_v ON t (v)'
is "$(run "CALL migrate_deploy(); SELECT count(*) FROM ran WHERE what = 3")" 1 \
    'a typo in it is mended by loading the corrected text'

# ... also to another kind of index; what was left of the first is dropped.
run 'CREATE TABLE twice (id int, v int); INSERT INTO twice VALUES (1, 1), (1, 1)'
for text in 'CREATE INDEX CONCURRENTLY twice_v ON twice (id)' \
    'CREATE INDEX CONCURRENTLY twice_w ON twice (id, v)'; do
    add 2.1 'CREATE UNIQUE INDEX CONCURRENTLY twice_v ON twice (id)'
    run 'CALL migrate_deploy()' > /dev/null
    add 2.1 "$text"
    run 'CALL migrate_deploy()' > /dev/null
    is "$(run "SELECT string_agg(indexrelid::regclass || ' ' || indisvalid, ', ')
               FROM pg_index WHERE indrelid = 'twice'::regclass")" \
        "$(echo "$text" | cut -d' ' -f4) true" "corrected: $text"
    run "SELECT migrate_stamp('2'); DROP INDEX IF EXISTS twice_v, twice_w" > /dev/null
done
run "DROP TABLE twice"
add 2.1 'SELECT 1'
run 'CALL migrate_deploy()' > /dev/null

# The data of a COPY are a part of what is done.
run 'CREATE TABLE copied (id int)'
mkdir "$work/c"
printf '%s\n' 'COPY copied FROM stdin;' 1 '\.' 'VACUUM copied;' 'SELECT 1/0;' \
    > "$work/c/2.2_copy.sql"
chmod -R a+rX "$work"
run "SELECT migrate_load('$work/c'); CALL migrate_deploy()" > /dev/null
printf '%s\n' 'COPY copied FROM stdin;' 1 2 '\.' 'VACUUM copied;' 'SELECT 1;' \
    > "$work/c/2.2_copy.sql"
like "$(run "SELECT migrate_load('$work/c'); CALL migrate_deploy()")" \
    'was changed after a part of it was run' 'data that were changed are noticed'
run "SELECT migrate_stamp('2.2')" > /dev/null

# ---- What is others' is left alone ----

add 3 'CREATE INDEX CONCURRENTLY t_i ON t (id)'
interrupt 'INSERT INTO t VALUES (0, 0, 0)'
run "CREATE INDEX t_i2 ON t (id); UPDATE pg_index SET indisvalid = false
     WHERE indexrelid = 't_i2'::regclass"
say 'CALL migrate_deploy()' > "$work/said"
unlike "$(cat "$work/said")" t_i2 "an invalid index of a like name is somebody else's"
is "$(run "SELECT string_agg(c.relname || ' ' || indisvalid, ', ' ORDER BY relname)
           FROM pg_index JOIN pg_class c ON c.oid = indexrelid
           WHERE relname LIKE 't_i%'")" 't_i true, t_i2 false' \
    'ours is built, the other is as it was'
run 'DROP INDEX t_i2'

# ---- What only looks like done is not ----

add 4 'CREATE UNIQUE INDEX CONCURRENTLY ON t (w)'
run 'CREATE INDEX t_w_idx ON t (w)'
interrupt 'LOCK TABLE t IN SHARE MODE'
run 'CALL migrate_deploy()' > /dev/null
is "$(run "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass
           AND indisunique AND indisvalid")" 1 \
    'an index of the name that it might have had is not taken for it'
run 'CREATE INDEX t_x ON t (v)'
add 5 'CREATE INDEX CONCURRENTLY t_x ON t (id)'
interrupt 'LOCK TABLE t'
like "$(run 'CALL migrate_deploy()')" '^ERROR:  42P07:' \
    'one that was there before is an error, also after an interruption'
add 5 'SELECT 1'

add 5.1 'CREATE INDEX CONCURRENTLY ON t (v)'
interrupt 'LOCK TABLE t IN SHARE MODE'
run 'CREATE INDEX somebody ON t (id) WHERE id > 5; CALL migrate_deploy()' > /dev/null
is "$(run "SELECT count(*) FROM pg_indexes WHERE tablename = 't'
           AND indexdef LIKE '%(v)' AND indexname LIKE 't_v_%'")" 1 \
    'nor is what somebody made meanwhile'

# Without names, with expressions and more columns: nothing piles up.
run 'INSERT INTO t VALUES (1, 1, 99), (1, 1, 100)'
add 6 'CREATE UNIQUE INDEX CONCURRENTLY ON t (abs(v), id) INCLUDE (w)'
for _ in 1 2 3; do
    run 'CALL migrate_deploy()' > /dev/null
done
is "$(run "SELECT count(*) FROM pg_index WHERE NOT indisvalid")" 1 \
    'attempts do not pile up invalid indexes'
run 'DELETE FROM t WHERE w > 98; CALL migrate_deploy()' > /dev/null
is "$(run "SELECT count(*) FROM pg_index WHERE NOT indisvalid")" 0 'in the end there is none'

# REINDEX leaves some on partitions and on what holds long values.
run "CREATE TABLE p (id int, body text) PARTITION BY RANGE (id);
     CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9);
     CREATE INDEX ON p (id); INSERT INTO p VALUES (1, 'x')"
add 7 'REINDEX TABLE CONCURRENTLY p1'
for _ in 1 2; do
    interrupt 'INSERT INTO p1 VALUES (2, NULL)'
done
run 'CALL migrate_deploy()' > /dev/null
is "$(run "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = indexrelid
           WHERE NOT indisvalid OR relname ~ '_cc(new|old)'")" 0 \
    'REINDEX TABLE CONCURRENTLY leaves nothing'

# DETACH: a failure is none the second time; and it does not keep readers waiting.
if [ "$server" -ge 140000 ]; then
    run 'CREATE TABLE q (id int) PARTITION BY RANGE (id)'
    add 8 'ALTER TABLE q DETACH PARTITION p1 CONCURRENTLY'
    run 'CALL migrate_deploy()' > /dev/null
    like "$(run 'CALL migrate_deploy()')" '^ERROR:  42P01:' \
        'a DETACH that fails does so each time'
    add 8 'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY'
    open_session
    tell 'BEGIN; SELECT count(*) FROM p1;'
    wait_until "SELECT count(*) = 1 FROM pg_locks WHERE relation = 'p1'::regclass"
    like "$(run "SELECT migrate_config('lock_retries', '0');
                 SET migrate.lock_timeout = '300ms'; CALL migrate_deploy()")" \
        '^ERROR:  55P03:' 'lock_timeout holds for it'
    tell 'COMMIT;'
    close_session
    run 'CALL migrate_deploy()' > /dev/null
    is "$(run "SELECT count(*) FROM pg_inherits WHERE inhparent = 'p'::regclass")" \
        0 'the next call ends it'
else
    skip 'no DETACH PARTITION CONCURRENTLY before PostgreSQL 14'
    add 8 'SELECT 1'
    run 'CALL migrate_deploy()' > /dev/null
fi

# ---- What commits by itself ----

mkdir "$work/m"
printf '%s\n' '-- migrate:up transaction:false' 'SELECT 1;' \
    "DO 'BEGIN FOR i IN 1..3 LOOP INSERT INTO ran VALUES (100 + i); COMMIT; END LOOP; END';" \
    > "$work/m/90_batches.sql"
chmod -R a+rX "$work"
run "SELECT migrate_load('$work/m')" > /dev/null
is "$(run 'CALL migrate_deploy(); SELECT count(*) FROM ran WHERE what > 100')" 3 \
    'DO with COMMIT, in a migration without a transaction'
add 91 "DO 'BEGIN COMMIT; END'"
like "$(run 'CALL migrate_deploy()')" '^HINT: .*transaction:false' 'else a hint'
if [ "$server" -ge 140000 ]; then
    add 91 'REINDEX TABLE p'
    like "$(run 'CALL migrate_deploy()')" '^HINT: .*transaction:false' \
        'also where only the server knows'
else
    skip 'PostgreSQL 13 only warns of REINDEX of a partitioned table'
fi
add 91 'SELECT 1'

# ---- Time is up ----

add 92 'CREATE INDEX CONCURRENTLY t_late ON t (v)'
open_session
tell 'BEGIN; INSERT INTO t VALUES (0, 0, 0);'
wait_until "SELECT count(*) = 1 FROM pg_stat_activity
            WHERE state = 'idle in transaction' AND datname = '$database'"
like "$(run "SET migrate.statement_timeout = '400ms'; CALL migrate_deploy()")" \
    '^ERROR:  57014: .*migrate.statement_timeout' 'a worker has its time, too'
is "$(run "SELECT state FROM migrate_status() WHERE version = '92'")" failed \
    'which is a failure'
tell 'ROLLBACK;'
close_session
add 92 "SELECT set_config('search_path', 'pg_catalog', true);
-- migrate:verify
SELECT true"
add 92 'BEGIN; SELECT set_config('"'search_path', 'pg_catalog', true"');
COMMIT; BEGIN; CREATE TABLE here (id int); COMMIT'
is "$(run "CALL migrate_deploy(); SELECT to_regclass('public.here') IS NOT NULL")" t \
    'what is set for a transaction ends with it'

# ---- Event triggers in a worker ----

run "CREATE FUNCTION adds() RETURNS event_trigger LANGUAGE plpgsql AS
     'BEGIN PERFORM migrate_add(''999'', ''SELECT 1''); END';
     CREATE EVENT TRIGGER adds ON ddl_command_end EXECUTE FUNCTION adds()"
add 93 'SELECT 1' 2> /dev/null
run 'ALTER EVENT TRIGGER adds DISABLE'
add 93 'CREATE INDEX CONCURRENTLY t_e ON t (v)'
run 'ALTER EVENT TRIGGER adds ENABLE'
like "$(run "SET migrate.wait_timeout = '20s'; CALL migrate_deploy()")" \
    'a migration cannot call migrate_add itself' \
    'a worker does not wait for its own caller'
run 'DROP EVENT TRIGGER adds'
run 'CALL migrate_deploy()' > /dev/null

# ---- Half done, and back ----

add 94 'SELECT 1'
add 95 'BEGIN; CREATE TABLE half (id int); COMMIT; SELECT 1/0'
run 'CALL migrate_deploy()' > /dev/null
like "$(say 'CALL migrate_revert()')" \
    '^WARNING: .*a part of migration "95" is done' 'who goes back is warned'
run "SELECT migrate_stamp('95')" > /dev/null

# ---- Schemas ----

run "CREATE SCHEMA ten_a; CREATE SCHEMA ten_b;
     CREATE FUNCTION ten_a.lower(text) RETURNS text LANGUAGE sql AS 'SELECT ''planted''';
     SELECT migrate_config('project', 'tenants')" > /dev/null
add 1 "CREATE TYPE mood AS ENUM ('a')"
add 2 "ALTER TYPE mood ADD VALUE 'b'"
add 3 "CREATE TABLE moods (m mood DEFAULT 'b'); CREATE TABLE x AS SELECT lower('A'::text) AS a"
said=$(run "SET search_path = pg_catalog, public; CALL public.migrate_deploy_all('ten_%')")
is "$said" '' 'a new enum value is used behind its commit'
is "$(run 'SELECT a FROM ten_a.x')" a 'an explicit pg_catalog stays first'
add 4 'CREATE TABLE y (id int)'
is "$(run "SELECT set_config('search_path', '', false);
           CALL public.migrate_deploy_all('ten_%');
           SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = 'y'")" '
2' 'with an empty search_path'
run "SELECT migrate_config('target_schema', 'nosuch')" > /dev/null
is "$(run "SELECT migrate_config('target_schema', NULL)")" '' \
    'a schema that is not there can be taken back'
add 5 'SELECT 1'
open_session
tell 'BEGIN; SELECT migrate_stamp('"'base'"');'
wait_until "SELECT count(*) = 1 FROM pg_stat_activity
            WHERE state = 'idle in transaction' AND datname = '$database'"
began=$(date +%s%N)
like "$(run "SET migrate.wait_timeout = '500ms'; CALL migrate_deploy_all('ten_%')")" \
    '^ERROR:  55P03: another migration run' 'the lock is waited for once'
is "$((($(date +%s%N) - began) / 1000000 < 950))" 1 'not for each schema'
tell 'ROLLBACK;'
close_session

finish
