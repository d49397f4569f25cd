#!/bin/bash
# kill -9 at random moments of a deploy, in a cluster of its own.  TAP.
#
# CRASHES (default 15) is how often each kind of process is killed.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
crashes=${CRASHES:-15}
database=migrate_pg_crash
work=$(mktemp -d)
chmod 711 "$work"
server=$work/server
export PGHOST=$server PGUSER=postgres
cluster=$(dirname "$0")/cluster
stop() { "$cluster" stop "$server"; rm -rf "$work"; }
trap stop EXIT
"$cluster" start "$server" shared_buffers=8MB max_connections=20 \
    autovacuum=off log_min_messages=panic
postmaster=$(head -n 1 "$server/data/postmaster.pid")

# Ordinary migrations and such as take several transactions.
admin "CREATE DATABASE crash_template"
psql -X -q -d crash_template > /dev/null <<'SQL'
CREATE EXTENSION migrate;
CREATE TABLE t AS SELECT g id, g % 1000 v FROM generate_series(1, 100000) g;
CREATE TABLE ran (version int);
SELECT migrate_add('1', 'CREATE TABLE a (id int); INSERT INTO ran VALUES (1)');
SELECT migrate_add('2', 'INSERT INTO ran VALUES (2);
    CREATE INDEX CONCURRENTLY t_v ON t (v); INSERT INTO ran VALUES (3)');
SELECT migrate_add('3', 'INSERT INTO ran SELECT 4 FROM generate_series(1, 1);
    CREATE TABLE b AS SELECT * FROM t; CREATE INDEX ON b (id)');
SELECT migrate_add('4', 'CREATE UNIQUE INDEX CONCURRENTLY ON t (id);
    DROP INDEX CONCURRENTLY t_v; REINDEX TABLE CONCURRENTLY t');
SELECT migrate_add('5', 'INSERT INTO ran VALUES (5); CREATE TABLE c (id int)');
SQL

# Process of the server whose title has a word; empty: there is none.
find_process()
{
    pgrep -P "$postmaster" -f "$1" | head -n 1
}

# Wait, 5 s at most, until there is such a process or the deploy has ended.
wait_for_process()
{
    local pid=
    while [ -z "$pid" ] && kill -0 "$deploy" 2> /dev/null; do
        pid=$(find_process "$1")
    done
    printf '%s' "$pid"
}

wait_for_server()
{
    for _ in $(seq 200); do
        psql -X -q -A -t -c 'SELECT 1' postgres > /dev/null 2>&1 && return
        sleep 0.05
    done
    echo '# the server did not come back'
}

# One crash: kill_at KIND; says whether a process was killed, and what is wrong.
killed=0
kill_at()
{
    local pid
    admin "CREATE DATABASE $database TEMPLATE crash_template"
    psql -X -q -d "$database" -c 'CALL migrate_deploy()' > /dev/null 2>&1 &
    deploy=$!
    case $1 in
    'backend in a migration')
        wait_for_process "$database" > /dev/null
        sleep "0.$(printf %03d $((RANDOM % 150)))"
        pid=$(find_process "$database.*CALL")
        ;;
    'worker in an index')
        pid=$(wait_for_process 'migrate worker')
        sleep "0.0$((RANDOM % 4))"
        ;;
    'backend in an index')
        wait_for_process 'migrate worker' > /dev/null
        sleep "0.0$((RANDOM % 4))"
        pid=$(find_process "$database.*CALL")
        ;;
    esac
    [ -z "$pid" ] || { kill -9 "$pid" && killed=$((killed + 1)); } 2> /dev/null
    wait $deploy
    wait_for_server
    for _ in 1 2 3; do
        psql -X -q -d "$database" -c 'CALL migrate_deploy()' > "$work/again" 2>&1 &&
            break
        sleep 0.2 # the server may be on its way down yet
        wait_for_server
    done
    check_state "$1"
    wait_for_server
    admin "DROP DATABASE $database WITH (FORCE)"
}

# All must be applied once, each statement having run once.
check_state()
{
    local state
    state=$(run "SELECT (SELECT string_agg(version::text, ' ' ORDER BY version) FROM ran),
        (SELECT count(*) FROM migrate_applied),
        (SELECT count(*) FROM migrate_history() WHERE action = 'apply' AND outcome = 'ok'),
        (SELECT string_agg(indexrelid::regclass || ':' || indisvalid, ' ')
         FROM pg_index WHERE indrelid = 't'::regclass),
        to_regclass('c') IS NOT NULL")
    if [ "$state" != '1 2 3 4 5|5|5|t_id_idx:true|t' ]; then
        echo "# after killing a $1: $state"
        sed 's/^/# /' "$work/again"
        run "SELECT seq, action, version, outcome, detail FROM migrate_history()
             WHERE action = 'apply'" | sed 's/^/# /'
        wrong=$((wrong + 1))
    fi
}

for kind in 'backend in a migration' 'worker in an index' 'backend in an index'; do
    killed=0
    wrong=0
    # Some come too late.
    for _ in $(seq $((crashes * 4))); do
        [ "$killed" -lt "$crashes" ] || break
        kill_at "$kind"
    done
    is "$wrong" 0 "kill -9 of a $kind: the next call ends it rightly"
    is "$killed" "$crashes" "and that has happened $crashes times"
done
finish
