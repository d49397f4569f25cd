#!/bin/bash
# Statements that cannot be in a transaction.  TAP; PGHOST and PGUSER say which
# server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_outside
# What the tests make by hand is not their subject.
run "SELECT migrate_config('on_drift', 'ignore')" > /dev/null
other=migrate_pg_outside_other
server=$(run 'SHOW server_version_num')
admin "DROP DATABASE IF EXISTS $other" 2> /dev/null
admin "DROP ROLE IF EXISTS migrate_index_maker" 2> /dev/null

# add VERSION UP [DOWN]
add()
{
    run "SELECT migrate_add('$1', \$up\$$2\$up\$, \$down\$${3:-}\$down\$)" \
        > /dev/null
}

# How many sessions wait for a lock, or a snapshot, of others.
blocked="SELECT count(*) = 1 FROM pg_stat_activity
         WHERE cardinality(pg_blocking_pids(pid)) > 0
           AND backend_type = 'migrate worker'"

run 'CREATE TABLE t (id int, v int);
     INSERT INTO t SELECT g, g FROM generate_series(1, 100) g;
     CREATE INDEX t_old ON t (v); CREATE SCHEMA s;
     CREATE TABLE p (id int) PARTITION BY RANGE (id);
     CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)'

# ---- A function refuses, before it runs anything of the call ----

add 1 "DO 'BEGIN RAISE NOTICE ''it ran''; END'"
add 2 'CREATE INDEX CONCURRENTLY t_v ON t (v)' 'DROP INDEX CONCURRENTLY t_v'
said=$(say 'SELECT migrate_apply()')
like "$said" '^ERROR:  0A000: .* CREATE INDEX CONCURRENTLY cannot run inside' \
    'a function refuses it'
like "$said" 'CALL migrate_deploy()' 'naming what can'
unlike "$said" 'it ran' 'before it runs what comes first'
is "$(run "SELECT transactional, note FROM migrate_plan() WHERE version = '2'")" \
    'f|CREATE INDEX CONCURRENTLY cannot run inside a transaction; CALL migrate_deploy() runs it' \
    'the plan says so'

# ---- Each kind ----

like "$(say 'CALL migrate_deploy()')" '2 migrations applied' \
    'CREATE INDEX CONCURRENTLY'
is "$(run "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass")" \
    t 'the index is there'
is "$(run "SELECT outcome, split_part(detail, ';', 1) FROM migrate_history()
           WHERE version = '2' AND action = 'apply'")" \
    'started|statement 1 of 1, line 1
done|statement 1 of 1, line 1
ok|' 'the history tells how it went'
like "$(run 'SELECT migrate_rollback()')" '^HINT: .*CALL migrate_revert()' \
    'a way back of the kind: a function refuses'
run 'CALL migrate_revert()' > /dev/null
is "$(run "SELECT to_regclass('t_v') IS NULL")" t 'revert runs it'

number=10
for statement in 'CREATE UNIQUE INDEX CONCURRENTLY ON t (id)' \
    'DROP INDEX CONCURRENTLY IF EXISTS t_old' 'REINDEX TABLE CONCURRENTLY t' \
    'REINDEX INDEX CONCURRENTLY t_id_idx' 'REINDEX SCHEMA s' \
    "REINDEX DATABASE $database" 'VACUUM' 'VACUUM t' \
    'VACUUM (FULL, ANALYZE) t' 'CLUSTER' \
    "ALTER SYSTEM SET log_min_duration_statement = '1h'" \
    'ALTER SYSTEM RESET log_min_duration_statement' \
    "CREATE DATABASE $other" "ALTER DATABASE $other SET TABLESPACE pg_default" \
    "DROP DATABASE $other" 'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY' \
    'DISCARD ALL'; do
    case $statement in
    *DETACH*) [ "$server" -ge 140000 ] || {
        skip 'no DETACH PARTITION CONCURRENTLY before PostgreSQL 14'
        continue
    } ;;
    esac
    number=$((number + 1))
    add $number "$statement"
    like "$(run "SELECT migrate_apply('$number')")" '^ERROR:  0A000:' \
        "refused by a function: $statement"
    is "$(run "CALL migrate_deploy('$number')")" '' "deployed: $statement"
done
is "$(run "SELECT count(*) FROM pg_inherits WHERE inhparent = 'p'::regclass")" \
    "$([ "$server" -ge 140000 ] && echo 0 || echo 1)" 'the partition is detached'

# What the server alone finds out.
add 40 "DO 'BEGIN COMMIT; END'"
like "$(run "CALL migrate_deploy('40')")" '^ERROR:  2D000: migration "40" failed' \
    "what only the server knows is its own error"
add 40 'SELECT 1'
run "CALL migrate_deploy('40')" > /dev/null

# ---- Role and settings ----

run 'CREATE ROLE migrate_index_maker NOLOGIN; GRANT migrate_index_maker TO CURRENT_USER;
     CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO migrate_index_maker'
add 50 "SET ROLE migrate_index_maker;
SET search_path = app;
SELECT set_config('work_mem', '5MB', false);
CREATE TABLE mine AS SELECT g id FROM generate_series(1, 10) g;
CREATE INDEX CONCURRENTLY mine_id ON mine (id);
CREATE TABLE seen AS SELECT current_user::text AS who,
    current_setting('search_path') AS path, current_setting('work_mem') AS mem"
is "$(run 'CALL migrate_deploy()')" '' 'a worker has the role and the settings'
is "$(run "SELECT pg_get_userbyid(relowner) FROM pg_class
           WHERE oid = 'app.mine_id'::regclass")" migrate_index_maker \
    'which make the index'
is "$(run 'SELECT * FROM app.seen')" 'migrate_index_maker|app|5MB' \
    'and hold for what follows it'
is "$(run "SELECT split_part(detail, ';', 1) FROM migrate_history()
           WHERE version = '50'
           AND outcome IN ('started', 'done')")" \
    'statements 1 to 4 of 6, from line 1
statement 5 of 6, line 5
statement 5 of 6, line 5
statement 6 of 6, line 6' 'the history tells how it was done'

# ---- A failure half-way ----

run 'CREATE TABLE d (id int); INSERT INTO d VALUES (1), (1)'
add 60 'CREATE TABLE first (id int);
CREATE UNIQUE INDEX CONCURRENTLY d_id
    ON d (id);
CREATE TABLE last (id int)'
said=$(run 'CALL migrate_deploy()')
like "$said" '^ERROR:  23505: migration "60" failed at line 2: could not create unique index' \
    'the error has the place and the code'
like "$said" '^DETAIL:  Statement 2 of section up' 'and the statement'
like "$said" 'Statements 1 to 1 of 3 are done and stay so' 'and what is done'
is "$(run "SELECT indisvalid FROM pg_index WHERE indexrelid = 'd_id'::regclass")" \
    f 'an invalid index is left'
is "$(run "SELECT state FROM migrate_status() WHERE version = '60'")" failed \
    'status says failed'
add 60 'CREATE TABLE first (id int, other int);
CREATE UNIQUE INDEX CONCURRENTLY d_id
    ON d (id);
CREATE TABLE last (id int)'
said=$(run 'CALL migrate_deploy()')
like "$said" \
    '^ERROR:  55000: migration "60" was changed after a part of it was run' \
    'what is done must not be changed'
unlike "$said" 'the next call goes on' 'and nothing goes on'
add 60 'CREATE TABLE first (id int);
CREATE UNIQUE INDEX CONCURRENTLY d_id
    ON d (id);
CREATE TABLE last (id int, other int)'
run 'DELETE FROM d'
said=$(say 'CALL migrate_deploy()')
like "$said" 'invalid index is left .* DROP INDEX CONCURRENTLY .*d_id' \
    'the invalid index is dropped'
like "$said" '1 migration applied' 'the next call goes on'
is "$(run "SELECT indisvalid FROM pg_index WHERE indexrelid = 'd_id'::regclass")" \
    t 'the index is valid now'
is "$(run "SELECT count(*) FROM information_schema.columns
           WHERE table_name = 'last'")" 2 'what is to come may be changed'

# One without a name leaves one as well.
run 'INSERT INTO d VALUES (1), (1)' > /dev/null
run 'DROP INDEX d_id; INSERT INTO d VALUES (1), (1)'
add 61 'CREATE UNIQUE INDEX CONCURRENTLY ON d (id)'
run 'CALL migrate_deploy()' > /dev/null
run 'CALL migrate_deploy()' > /dev/null
is "$(run "SELECT count(*) FROM pg_index WHERE indrelid = 'd'::regclass")" 1 \
    'attempts do not pile up invalid indexes'
run 'DELETE FROM d; CALL migrate_deploy()' > /dev/null
is "$(run "SELECT count(*), bool_and(indisvalid) FROM pg_index
           WHERE indrelid = 'd'::regclass")" '1|t' 'at last there is one, valid'

# One that is there already is an error, not taken for done.
add 62 'CREATE INDEX CONCURRENTLY d_id_idx ON d (id)'
like "$(run 'CALL migrate_deploy()')" '^ERROR:  42P07:' 'it exists already'
like "$(run 'CALL migrate_deploy()')" '^ERROR:  42P07:' 'each time'
run "SELECT migrate_stamp('62')" > /dev/null
is "$(run 'CALL migrate_deploy(); SELECT migrate_current()')" 62 \
    'it can be done by hand and stamped'

# ---- A verify section, options, and transactions of its own ----

mkdir "$work/m"
printf '%s\n' '-- migrate:up transaction:false' \
    "CREATE TYPE e AS ENUM ('a');" "ALTER TYPE e ADD VALUE 'b';" \
    "CREATE TABLE uses (e e DEFAULT 'b');" '-- migrate:verify' \
    "SELECT 'b'::e = 'c';" > "$work/m/70_enum.sql"
chmod -R a+rX "$work"
run "SELECT migrate_load('$work/m')" > /dev/null
said=$(run 'CALL migrate_deploy()')
like "$said" '^ERROR: .*invalid input value for enum e: "c"' 'a verify section fails'
like "$said" 'All its statements are done' 'which says that all else is done'
sed -i "s/'c'/'b'::e/" "$work/m/70_enum.sql"
run "SELECT migrate_load('$work/m')" > /dev/null
like "$(say 'CALL migrate_deploy()')" '1 migration applied' \
    'corrected, only that is made up for'
add 71 "BEGIN; ALTER TYPE e ADD VALUE 'x'; COMMIT;
BEGIN; CREATE TABLE ex (e e DEFAULT 'x'); SELECT 1/0; COMMIT;"
like "$(run 'CALL migrate_deploy()')" 'Statements 1 to 4 of 7 are done' \
    'several BEGIN ... COMMIT are as many transactions'
add 71 "BEGIN; ALTER TYPE e ADD VALUE 'x'; COMMIT;
BEGIN; CREATE TABLE ex (e e DEFAULT 'x'); SELECT 1; COMMIT;"
is "$(run 'CALL migrate_deploy(); SELECT migrate_current()')" 71 'which are gone on with'
add 72 "ALTER TYPE e ADD VALUE 'y'; SELECT 'y'::e"
like "$(run 'CALL migrate_deploy()')" '^HINT: .*BEGIN ... COMMIT' \
    'a new enum value in its own transaction: a hint'
add 72 "BEGIN; CREATE TABLE pair (id int); INSERT INTO pair VALUES (1); COMMIT;"
run 'CALL migrate_deploy()' > /dev/null
is "$(run "SELECT outcome FROM migrate_history() WHERE version = '72'
           AND action = 'apply' ORDER BY seq DESC LIMIT 1")" ok \
    'one pair round the whole is the transaction that it has anyway'

# ---- Others are in the way, and go ----

add 80 'CREATE INDEX CONCURRENTLY t_x ON t (v)'
open_session
tell 'BEGIN; INSERT INTO t VALUES (NULL, 0);'
wait_until "SELECT count(*) = 1 FROM pg_locks WHERE relation = 't'::regclass
            AND mode = 'RowExclusiveLock'"
say "SET migrate.lock_timeout = '1s'; CALL migrate_deploy()" > "$work/deploy" &
deploy=$!
wait_until "$blocked"
like "$(run 'SELECT migrate_apply()')" '^ERROR:  55P03: .*cannot be in a transaction' \
    'a function does not wait for the lock meanwhile'
run 'CALL migrate_deploy()' > "$work/second" &
second=$!
sleep 2
tell 'COMMIT;'
wait $deploy
wait $second
like "$(cat "$work/deploy")" \
    'the statement waits, blocked by process .* of user "postgres", application "psql", in a transaction since .*INSERT INTO t' \
    'who blocks it is told'
like "$(cat "$work/deploy")" '1 migration applied' \
    'lock_timeout does not end what keeps nobody waiting'
is "$(cat "$work/second")" '' 'another deploy waits, and finds nothing left to do'
is "$(run "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_x'::regclass")" \
    t 'the index is valid'

# ---- Cancelled, ended, killed ----

# A worker that waits for the open session's transaction.
block_worker()
{
    tell 'BEGIN; INSERT INTO t VALUES (NULL, 0);'
    wait_until "SELECT count(*) = 1 FROM pg_locks WHERE relation = 't'::regclass
                AND mode = 'RowExclusiveLock'"
    run 'CALL migrate_deploy()' > "$work/deploy" &
    deploy=$!
    wait_until "$blocked"
}

add 81 'CREATE INDEX CONCURRENTLY t_w ON t (v)'
for how in pg_cancel_backend pg_terminate_backend; do
    block_worker
    run "SELECT $how(pid) FROM pg_stat_activity WHERE query LIKE 'CALL migrate%'
         AND datname = '$database' AND backend_type = 'client backend'" > /dev/null
    wait $deploy
    wait_until "SELECT count(*) = 0 FROM pg_stat_activity
                WHERE backend_type = 'migrate worker'"
    is "$(run "SELECT count(*) FROM pg_stat_activity
               WHERE backend_type = 'migrate worker'")" 0 \
        "$how ends the worker as well"
    tell 'ROLLBACK;'
done
like "$(run "SELECT state, detail FROM migrate_status() WHERE version = '81'")" \
    'failed|migration "81" failed at line 1: canceling statement due to user' \
    'status tells of it'
block_worker
run "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE backend_type = 'migrate worker'" > /dev/null
wait $deploy
like "$(cat "$work/deploy")" '^ERROR:  57P01: migration "81" failed' \
    'the end of the worker is an error of the call'
tell 'ROLLBACK;'
close_session
like "$(say 'CALL migrate_deploy()')" '1 migration applied' 'the next call goes on'
is "$(run "SELECT count(*), bool_and(indisvalid) FROM pg_index
           WHERE indexrelid::regclass::text LIKE 't_w%'")" '1|t' \
    'with one valid index'

# What was done though nobody could record it is not done again.
# forge OUTCOME TEXT DETAIL: an event of migration 82.
forge()
{
    run "INSERT INTO migrate_event SELECT project, target, seq + 1, at, 'apply',
         '82', '', '$1', NULL, actor, client,
         encode(sha256('$2'::bytea), 'hex'), '$3', hash, hash
         FROM migrate_event ORDER BY seq DESC LIMIT 1"
}
add 82 "CREATE DATABASE $other"
forge 'done' 'something else' ''
like "$(run 'CALL migrate_deploy()')" 'was changed after a part of it was run' \
    'a record that fits no statement is not guessed at'
run "DELETE FROM migrate_event WHERE outcome IN ('done', 'failed')
     AND version = '82'"
forge started "CREATE DATABASE $other" 'statement 1 of 1, line 1; before: object 0 '
admin "CREATE DATABASE $other"
is "$(run 'CALL migrate_deploy(); SELECT migrate_current()')" 82 \
    'what is there already was done'
admin "DROP DATABASE $other"

# ---- From a procedure ----

run "CREATE PROCEDURE deployer() LANGUAGE plpgsql AS 'DECLARE r record; BEGIN
     PERFORM count(*) FROM t;
     FOR r IN SELECT id FROM t LIMIT 2 LOOP CALL migrate_deploy(); END LOOP; END'"
add 83 'CREATE INDEX CONCURRENTLY t_y ON t (v)'
is "$(run "CALL deployer(); SELECT migrate_current()")" 83 \
    'a PL/pgSQL procedure in a loop over a query'

# ---- Limits ----

add 90 'SELECT pg_sleep(60)'
said=$(run "SET migrate.statement_timeout = '200ms'; CALL migrate_deploy()")
like "$said" '^ERROR:  57014: .*migrate.statement_timeout' 'a statement takes too long'
is "$(run "SELECT state FROM migrate_status() WHERE version = '90'")" failed \
    'which is a failure'
like "$(run "SET migrate.statement_timeout = '200ms'; SELECT migrate_apply()")" \
    '^ERROR:  57014: .*migrate.statement_timeout' 'also in a function'
add 90 'SELECT pg_sleep(0.3); SELECT pg_sleep(0.3)'
is "$(run "SET migrate.statement_timeout = '500ms'; CALL migrate_deploy();
           SELECT migrate_current()")" 90 'each statement has its own time'

# Locks of others: tried again, saying for whom.
add 91 'ALTER TABLE t ADD COLUMN w int'
open_session
tell 'BEGIN; SELECT count(*) FROM t;'
wait_until "SELECT count(*) = 1 FROM pg_locks WHERE relation = 't'::regclass
            AND mode = 'AccessShareLock'"
said=$(say "SELECT migrate_config('lock_retries', '1');
            SET migrate.lock_timeout = '300ms'; CALL migrate_deploy()")
like "$said" '^WARNING: .*migration "91" failed at line 1: canceling statement due to lock timeout; blocked by process .*count.*; attempt 2 of 2 follows in 500 ms' \
    'each attempt is announced, with who is in the way'
like "$said" '^ERROR:  55P03: migration "91" failed' 'in the end it fails'
like "$said" '^It was blocked by process .*count' 'still naming who was in the way'
is "$(run "SELECT count(*) FROM migrate_history() WHERE version = '91'
           AND outcome = 'failed'")" 2 'each attempt is in the history'
like "$(run "SELECT detail FROM migrate_history() WHERE version = '91'
           AND outcome = 'failed'")" '^SQLSTATE: 55P03' 'with its code'
run "SELECT migrate_config('lock_retries', '5')" > /dev/null
say "SET migrate.lock_timeout = '300ms'; CALL migrate_deploy()" > "$work/deploy" &
deploy=$!
sleep 1
tell 'COMMIT;'
wait $deploy
like "$(cat "$work/deploy")" '1 migration applied' 'released, it gets through'
close_session
is "$(run "SHOW lock_timeout; SHOW deadlock_timeout; SHOW log_lock_waits")" '0
1s
off' 'no setting is left'

run 'DROP OWNED BY migrate_index_maker; DROP ROLE migrate_index_maker'
finish
