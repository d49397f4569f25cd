#!/bin/bash
# What a statement has done that no transaction holds, and whose call was cut
# off behind it, is its migration's: not drift, and undone by its way back.
# TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_resumed
run "SELECT migrate_config('on_forgotten', 'error')" > /dev/null
server=$(run 'SHOW server_version_num')

add()
{
    run "SELECT migrate_add('$1', \$up\$$2\$up\$, \$down\$${3:-}\$down\$)" \
        > /dev/null
}

drift='SELECT kind, object, change FROM migrate_drift()'


# interrupt SQL CALL: cut a call off while its worker waits for a session with SQL.
interrupt()
{
    open_session
    tell "BEGIN; $1;"
    wait_until "SELECT count(*) = 1 FROM pg_stat_activity
                WHERE state = 'idle in transaction' AND datname = '$database'"
    run "SET lock_timeout = 0; SET migrate.lock_timeout = 0; $2" \
        > "$work/call" &
    call=$!
    wait_until "SELECT count(*) = 1 FROM pg_stat_activity
         WHERE cardinality(pg_blocking_pids(pid)) > 0 AND datname = '$database'
           AND backend_type = 'migrate worker'"
    run "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE query LIKE '%CALL migrate%' AND datname = '$database'
           AND pid <> pg_backend_pid()
           AND backend_type = 'client backend'" > /dev/null
    wait $call
    tell 'ROLLBACK;'
    close_session
    wait_until "SELECT count(*) = 0 FROM pg_stat_activity
                WHERE backend_type = 'migrate worker'"
}

add 1 'CREATE TABLE t (id int, v int);
       CREATE TABLE p (id int) PARTITION BY RANGE (id);
       CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9)'
run 'CALL migrate_deploy()' > /dev/null

# ---- Half done: what is left is cleared away, and made anew ----

add 2 'CREATE INDEX CONCURRENTLY t_v ON t (v)' 'DROP INDEX t_v'
interrupt 'INSERT INTO t VALUES (1, 1)' 'CALL migrate_deploy()'
run 'CREATE TABLE hand (id int)' > /dev/null
run 'CALL migrate_deploy()' > /dev/null
is "$(run "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass")" t \
    'an index that was half made is made'
is "$(run "$drift")" 'table|public.hand|added' \
    'it is no drift, and what a hand has made meanwhile is'
is "$(run 'CALL migrate_revert(); SELECT migrate_current()' | tail -n 1)" 1 \
    'its way back forgets nothing'
is "$(run "$drift")" 'table|public.hand|added' 'and leaves no other drift'

# ---- Done: nothing is run again ----

add 2 'CREATE INDEX CONCURRENTLY t_v ON t (v)' 'DROP INDEX CONCURRENTLY t_v'
interrupt 'INSERT INTO t VALUES (1, 1)' 'CALL migrate_deploy()'
run 'DROP INDEX t_v' > /dev/null
run 'CREATE INDEX CONCURRENTLY t_v ON t (v)' > /dev/null
run 'CALL migrate_deploy()' > /dev/null
is "$(run 'SELECT migrate_current()')" 2 'an index that was made is taken as it is'
is "$(run "$drift")" 'table|public.hand|added' 'it is no drift'
is "$(run "SELECT count(*) FROM migrate_object WHERE identity = 'public.t_v'")" 1 \
    'but recorded'
is "$(run 'SELECT count(*) FROM migrate_verify()
           WHERE kind NOT IN ('"'drift', 'table'"')')" 0 'and the record is whole'

# ---- The same on the way back ----

interrupt 'LOCK TABLE t IN ROW EXCLUSIVE MODE' 'CALL migrate_revert()'
run 'DROP INDEX IF EXISTS t_v' > /dev/null
run 'CALL migrate_revert()' > /dev/null
is "$(run 'SELECT migrate_current()')" 1 'an index that was dropped is gone'
is "$(run "$drift")" 'table|public.hand|added' 'that is no drift either'
is "$(run "SELECT count(*) FROM migrate_object WHERE identity = 'public.t_v'")" 0 \
    'and recorded'

# ---- Partitions ----

if [ "$server" -ge 140000 ]; then
    add 2 'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY' \
        'ALTER TABLE p1 DROP CONSTRAINT p1_id_check;
         ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (0) TO (9)'
    interrupt 'SELECT count(*) FROM p' 'CALL migrate_deploy()'
    run 'CALL migrate_deploy()' > /dev/null
    is "$(run 'SELECT migrate_current()')" 2 'a partition that is detached is so'
    is "$(run "$drift")" 'table|public.hand|added' 'which is no drift'
    is "$(run 'CALL migrate_revert(); SELECT migrate_current()' | tail -n 1)" 1 \
        'its way back brings back what was before'
    is "$(run "$drift")" 'table|public.hand|added' 'without drift'
else
    skip 'no DETACH PARTITION CONCURRENTLY before PostgreSQL 14'
fi

# ---- A way back in several transactions ----

run 'CREATE TABLE log (what int); SELECT migrate_accept()' > /dev/null
add 3 'BEGIN; CREATE TABLE three (id int); COMMIT; BEGIN; CREATE TABLE four (id int); COMMIT' \
    'BEGIN; DROP TABLE log, three; COMMIT; DROP TABLE nosuch; BEGIN; DROP TABLE four; COMMIT'
run 'CALL migrate_deploy()' > /dev/null
like "$(run 'CALL migrate_revert()')" 'table "nosuch" does not exist' \
    'a way back that fails half way'
add 3 'BEGIN; CREATE TABLE three (id int); COMMIT; BEGIN; CREATE TABLE four (id int); COMMIT' \
    'BEGIN; DROP TABLE log, three; COMMIT; SELECT 1; BEGIN; DROP TABLE four; COMMIT'
run 'CREATE TABLE nosuch (id int)' > /dev/null
like "$(run 'CALL migrate_revert()')" \
    '^DETAIL: *table public.log is missing' \
    'what an earlier call has dropped is missing'
run 'CREATE TABLE log (what int); CREATE TABLE nosuch (id int)' > /dev/null
is "$(run "CALL migrate_revert(); SELECT state FROM migrate_status()
           WHERE version = '3'" | tail -n 1)" \
    pending 'with it back all is as before'
is "$(run 'SELECT count(*) FROM migrate_delta WHERE version = '"'3'")" 0 \
    'and nothing is kept of it'
run 'DROP TABLE nosuch; SELECT migrate_accept()' > /dev/null

# ---- Drift is told for what it is ----

run 'CREATE TABLE another (id int)' > /dev/null

run "SELECT migrate_config('on_drift', 'error')" > /dev/null
add 5 'CREATE TABLE five (id int)'
like "$(run 'CALL migrate_deploy()')" '1 object differs from the recorded schema' \
    'what a hand has made is still refused'
run 'DROP TABLE another' > /dev/null

# So it is where an earlier call has ended between two transactions: all that it
# has done is known.
add 5 'BEGIN; CREATE TABLE five (id int); COMMIT; SELECT count(*) FROM late'
like "$(run 'CALL migrate_deploy()')" 'relation "late" does not exist' \
    'a migration fails half way'
run 'CREATE TABLE late (id int)' > /dev/null
like "$(run 'CALL migrate_deploy()')" '1 object differs from the recorded schema' \
    'going on is refused for what a hand has made, too'
is "$(run 'SELECT migrate_accept(); CALL migrate_deploy();
           SELECT migrate_current()' | tail -n 1)" 5 'accepted, it goes on'

# Where a statement was begun that no transaction holds, that cannot be told.
add 6 'CREATE UNIQUE INDEX CONCURRENTLY ten_id ON five (id)' \
    'DROP INDEX ten_id'
run 'INSERT INTO five VALUES (1), (1)' > /dev/null
like "$(run 'CALL migrate_deploy()')" 'could not create unique index' \
    'an index cannot be built'
is "$(run "SELECT state FROM migrate_preflight() WHERE name = 'drift'")" warning \
    'before the next call it is seen as drift, and not as what refuses it'
run 'DELETE FROM five' > /dev/null
is "$(run 'CALL migrate_deploy(); SELECT migrate_current()' | tail -n 1)" 6 \
    'what it has left refuses nothing'

# ---- A failure on a schema that a hand has changed says what shows that ----

add 7 'CREATE TABLE seven (id int)' 'DROP TABLE seven'
run 'CALL migrate_deploy()' > /dev/null
run "DROP TABLE seven; SELECT migrate_config('on_drift', 'warn')" > /dev/null
for call in 'SELECT migrate_rollback()' 'CALL migrate_revert()'; do
    like "$(run "$call")" 'HINT:  .* the recorded schema, which may be why: ' \
        "$call names migrate_drift()"
done

finish
