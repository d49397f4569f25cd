#!/bin/bash
# Behind a pooler that gives each transaction to another connection of the
# server (PgBouncer, pool_mode = transaction).  TAP.
set -u

pooler=$(PATH=$PATH:/usr/sbin command -v pgbouncer) || {
    echo '1..0 # SKIP pgbouncer is not installed'
    exit 0
}
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

connections=3 # of the pooler to the server

migrations files \
    1_settings.sql "SET search_path = pg_catalog;
SET ROLE somebody;
SET statement_timeout = '1h';
SELECT set_config('lock_timeout', '1h', false);
SET LOCAL work_mem = '1MB';
SET SESSION AUTHORIZATION somebody;
SET TIME ZONE 'Asia/Tokyo';
CREATE TABLE public.settings (id int);" \
    2_slow.sql 'CREATE TABLE slow AS SELECT pg_sleep(0.2) IS NULL AS slept;' \
    3_last.sql '-- migrate:up
CREATE TABLE last (id int);
-- migrate:down
DROP TABLE last;'

mkdir "$work/old"
cp "$work/files/1_settings.sql" "$work/old"
chmod -R a+rX "$work/old"
server one statement_timeout=10s
must one postgres postgres 'CREATE ROLE somebody' 'CREATE DATABASE app'
must one postgres app 'CREATE EXTENSION migrate' \
    'GRANT ALL ON SCHEMA public TO somebody'

printf '"%s" ""\n' postgres > "$work/one/users"
cat > "$work/one/pooler.ini" <<END
[databases]
app = host=$work/one
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $work/one
auth_type = trust
auth_file = $work/one/users
pool_mode = transaction
default_pool_size = $connections
logfile = $work/one/pooler.log
END
chmod 644 "$work/one/users" "$work/one/pooler.ini"
"$cluster" as "$work/one" "$pooler" -q "$work/one/pooler.ini" \
    > "$work/pooler.out" 2>&1 &
helpers+=($!)

# Run SQL through the pooler: commands, or one transaction.
pooled()
{
    PGPORT=6432 sql one postgres app "$@"
}
pooled_transaction()
{
    PGPORT=6432 transaction one postgres app "$1"
}

# Run SQL on each connection of the pooler, in a transaction; prints what they
# say, once when they say the same.
everywhere()
{
    local i clients
    for _ in $(seq 20); do
        clients=()
        for ((i = 0; i < connections; i++)); do
            pooled_transaction "SELECT 'pid ' || pg_backend_pid(); $1;
                SELECT pg_sleep(0.2) IS NULL" > "$work/where.$i" &
            clients+=($!)
        done
        wait "${clients[@]}"
        if [ "$(cat "$work"/where.* | grep '^pid' | sort -u | wc -l)" -eq \
            $connections ]; then
            cat "$work"/where.* | grep -v '^pid\|^f$' | sort -u
            return
        fi
    done
    echo 'the connections were not met at once'
}

# All that a session can be told by, but for what the pooler itself sets
state="SELECT migrate_version() IS NOT NULL;
    SELECT session_user, current_user, name, setting, reset_val
    FROM pg_settings WHERE name NOT IN ('application_name', 'client_encoding',
        'DateStyle', 'IntervalStyle', 'TimeZone', 'standard_conforming_strings',
        'in_hot_standby', 'transaction_read_only');
    SELECT current_setting('TimeZone'),
           (SELECT count(*) FROM pg_prepared_statements),
           (SELECT count(*) FROM pg_cursors),
           (SELECT count(*) FROM pg_listening_channels()),
           (SELECT count(*) FROM pg_class
            WHERE relnamespace = pg_my_temp_schema()),
           (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()
            AND locktype NOT IN ('relation', 'virtualxid'))"
fresh=$(transaction one postgres app "$state" | sort -u)

# Nothing has stayed behind, on any connection: clean NAME
# What a program is called is seen from outside alone.
clean()
{
    is "$(everywhere "$state" | diff - <(echo "$fresh"))" '' \
        "$1: no setting stays behind"
    is "$(sql one postgres app "SELECT count(*) FROM pg_locks
              WHERE pid IN (SELECT pid FROM pg_stat_activity
                  WHERE datname = 'app' AND pid <> pg_backend_pid())" \
        "SELECT DISTINCT state, application_name FROM pg_stat_activity
              WHERE datname = 'app' AND pid <> pg_backend_pid()" |
        paste -sd' ')" '0 idle|psql' "$1: no lock does, nor a transaction"
}

wait_for_pooler()
{
    for _ in $(seq 100); do
        [ "$(pooled 'SELECT 1')" = 1 ] && return
        sleep 0.05
    done
    bail "$(cat "$work/pooler.out" "$work/one/pooler.log")"
}

# ---- Ten processes start ----

wait_for_pooler
clients=()
for i in $(seq 10); do
    # Every other one in a transaction of its own
    way=pooled
    [ $((i % 2)) = 0 ] || way=pooled_transaction
    $way "SELECT migrate_up('$work/files')" > "$work/out.$i" &
    clients+=($!)
done
wait "${clients[@]}"
is "$(cat "$work"/out.* | sort -n | paste -sd' ')" '0 0 0 0 0 0 0 0 0 3' \
    'of ten processes one applies all, the others none, nobody fails'
is "$(pooled "SELECT count(*), count(DISTINCT version) FROM migrate_history()
              WHERE action = 'apply'")" '3|3' 'each migration has run once'
clean 'after that'

# ---- One that fails, and one that is cut off ----

must one postgres app "SELECT migrate_add('4', 'SET work_mem = ''1MB'';
    SET ROLE somebody; SET migrate.project = ''other''; SELECT 1/0')"
like "$(pooled 'SELECT migrate_apply()')" '^ERROR:  22012' 'a migration fails'
clean 'after a failure'
must one postgres app "SELECT migrate_add('4', 'SET work_mem = ''1MB'';
    SET ROLE somebody; SELECT pg_sleep(60)')"
like "$(pooled_transaction "SET LOCAL statement_timeout = '200ms';
        SELECT migrate_apply()")" '^ERROR:  57014' \
    'a migration is cancelled'
clean 'after a cancel'
must one postgres app "SELECT migrate_add('4', 'SELECT 4', 'SELECT 4')"

# ---- One that waits in vain ----

mkfifo "$work/hold"
"$bindir/psql" -X -q -h "$work/one" -U postgres -d postgres < "$work/hold" \
    > "$work/holder" 2>&1 &
helpers+=($!)
exec 3> "$work/hold"
printf '%s\n' '\connect app' 'BEGIN;' 'SELECT migrate_apply();' >&3
wait_for one app "SELECT count(*) = 1 FROM pg_locks
    WHERE granted AND locktype = 'object' AND objsubid = 1"
like "$(pooled_transaction "SET LOCAL migrate.wait_timeout = '100ms';
        SELECT migrate_apply()")" '^ERROR:  55P03' \
    'a client waits in vain'
is "$(pooled "SELECT migrate_pending()")" 1 'looking does not wait'
is "$(everywhere "SELECT current_setting('lock_timeout'),
          migrate_config('wait_timeout')")" '0|10min' \
    'no timeout stays behind'
pooled 'SELECT migrate_apply()' > "$work/waiter" &
waiter=$!
wait_for one app "SELECT count(*) = 1 FROM pg_locks
    WHERE NOT granted AND locktype = 'object'"
echo 'ROLLBACK;' >&3
exec 3>&-
wait $waiter "${helpers[1]}"
unset 'helpers[1]'
is "$(cat "$work/waiter")" 1 'another one waits, and does the work'
clean 'after waiting'

# ---- Procedures, which hold a lock over several transactions ----

concurrently="-- migrate:up
CREATE INDEX CONCURRENTLY last_id ON last (id);
-- migrate:down
DROP INDEX CONCURRENTLY last_id;"
must one postgres app \
    "SELECT migrate_add('4.1', 'SET work_mem = ''1MB''; SELECT pg_sleep(0.1)')" \
    "SELECT migrate_add('4.2', '$concurrently')" \
    "SELECT migrate_add('4.3', 'SELECT 1', 'SELECT 1')"
clients=()
for i in $(seq 10); do
    pooled 'CALL migrate_deploy()' > "$work/out.$i" &
    clients+=($!)
done
wait "${clients[@]}"
is "$(cat "$work"/out.*)" '' 'ten clients deploy at once, and nobody fails'
is "$(pooled "SELECT count(*), count(DISTINCT version) FROM migrate_history()
              WHERE action = 'apply' AND outcome = 'ok' AND version ~ '4.'" \
    "SELECT migrate_current(), migrate_pending()" | paste -sd' ')" \
    '3|3 4.3|0' 'each migration has run once'
clean 'after CALL'
must one postgres app "SELECT migrate_add('4.4', 'SET work_mem = ''1MB'';
    SET ROLE somebody; SELECT 1/0')"
like "$(pooled 'CALL migrate_deploy()')" '^ERROR:  22012' 'a CALL fails'
clean 'after a CALL that failed'
must one postgres app "SELECT migrate_add('4.4', 'SET work_mem = ''1MB'';
    SET ROLE somebody; SELECT pg_sleep(60)')"
pooled 'CALL migrate_deploy()' > "$work/sleeper" &
sleeper=$!
wait_for one app "SELECT count(*) = 1 FROM pg_stat_activity
    WHERE wait_event = 'PgSleep' AND datname = 'app'"
must one postgres app "SELECT pg_cancel_backend(pid) FROM pg_stat_activity
    WHERE wait_event = 'PgSleep' AND datname = 'app'"
wait $sleeper
like "$(cat "$work/sleeper")" '^ERROR:  57014' 'a CALL is cancelled'
clean 'after a CALL that was cancelled'
must one postgres app "SELECT migrate_add('4.4', 'SELECT 4')"
is "$(pooled 'CALL migrate_deploy()' "CALL migrate_revert('4.3')" 2>&1 |
    grep -o 'has no way back')" 'has no way back' 'one that cannot be undone'
must one postgres app "SELECT migrate_add('4.5', 'SELECT 5', 'SELECT 5')"
is "$(pooled 'CALL migrate_deploy()' 'CALL migrate_revert()' \
    'CALL migrate_deploy()' 'SELECT migrate_current()')" 4.5 \
    'and one that can'
clean 'after that'

# ---- What a client sets is its own for a transaction ----

is "$(pooled_transaction "SET LOCAL migrate.project = 'second';
        SELECT migrate_add('1', 'SELECT \${v}');
        SET LOCAL migrate.var.v = '5';
        SELECT migrate_apply(), migrate_config('project')" | paste -sd' ')" '1 1|second' 'a project and a variable of a transaction'
is "$(everywhere "SELECT migrate_config('project'), migrate_current(),
                         migrate_pending()")" 'default|4.5|0' \
    'are nobody else'"'"'s'
must one postgres app "SELECT migrate_config('environment', 'test')"
is "$(everywhere "SELECT migrate_config('environment')")" test \
    'what is stored is everybody'"'"'s at once'

# ---- What a client of an older release has loaded concerns no other ----

must one postgres app "SELECT migrate_add('5', 'SELECT 5', 'SELECT 5')"
is "$(pooled_transaction "SELECT migrate_up('$work/old');
        SELECT version, state FROM migrate_status()
        WHERE version IN ('3', '5')" | paste -sd' ')" '0 3|ahead 5|ahead' \
    'a client of an older release sees what is not its own'
is "$(pooled "SELECT migrate_up('$work/old')")" 0 'however it is called'
is "$(everywhere 'SELECT migrate_pending()')" 1 \
    'who comes next on that connection is not taken for it'
must one postgres app 'SELECT migrate_apply()'

# ---- What connections remember of the catalogue must not outlive it ----

is "$(pooled 'SELECT migrate_rollback()' 'SELECT migrate_apply()' |
    paste -sd' ')" '1 1' 'back and forward'
must one postgres app 'CREATE SCHEMA other' 'ALTER SCHEMA public RENAME TO away'
is "$(everywhere "SELECT away.migrate_current()")" 5 \
    'the schema gets another name'
must one postgres app 'DROP EXTENSION migrate' 'ALTER SCHEMA away RENAME TO public' \
    'CREATE EXTENSION migrate SCHEMA other'
is "$(everywhere "SELECT other.migrate_current(), other.migrate_pending()")" \
    '|0' 'the extension is created anew in another schema'
must one postgres app 'DROP EXTENSION migrate' 'CREATE EXTENSION migrate'
is "$(everywhere "SELECT migrate_current(), migrate_pending()")" '|0' \
    'and in the first one'
is "$(pooled "SELECT migrate_add('1', 'CREATE TABLE anew (id int)')" \
    'SELECT migrate_apply()' | paste -sd' ')" '1 1' 'and goes on'

finish
