#!/bin/bash
# Several sessions at once.  TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_concurrency

# How many sessions of the test's database wait for the run lock.
waiting="SELECT count(*) = 1 FROM pg_locks
         WHERE NOT granted AND locktype = 'object'"

# Eight processes load and apply the same folder.
mkdir "$work/migrations"
for i in $(seq 20); do
    echo "CREATE TABLE t$i (id int); INSERT INTO ran VALUES ($i);" \
        > "$work/migrations/$(printf %03d "$i")_t$i.sql"
done
echo 'CREATE TABLE ran (id int);' > "$work/migrations/000_ran.sql"
chmod -R a+rX "$work"
for i in $(seq 8); do
    run "SELECT migrate_up('$work/migrations')" > "$work/out.$i" &
done
wait
is "$(cat "$work"/out.* | sort -n | paste -sd' ')" '0 0 0 0 0 0 0 21' \
    'of eight processes one applies all, the others none, nobody fails'
is "$(run 'SELECT count(*), count(DISTINCT id) FROM ran')" '20|20' \
    'each migration has run once'
is "$(run "SELECT count(*), count(DISTINCT version), max(seq) FROM
           migrate_history() WHERE action = 'apply'")" '21|21|22' \
    'and stands in the history once'

# Another run holds the lock.
run "SELECT migrate_add('100', 'CREATE TABLE late (id int)')" > /dev/null
mkfifo "$work/hold"
psql -X -q -A -t -d "$database" < "$work/hold" > "$work/holder" 2>&1 &
holder=$!
exec 3> "$work/hold"
echo "BEGIN; SELECT pg_backend_pid(); SELECT migrate_apply();" >&3
wait_until "SELECT count(*) = 1 FROM pg_locks
            WHERE granted AND locktype = 'object' AND objsubid = 1"
pid=$(head -n 1 "$work/holder")
began=$(date +%s%N)
said=$(run "SET migrate.wait_timeout = '300ms'; SELECT migrate_apply()")
lasted=$((($(date +%s%N) - began) / 1000000))
like "$said" '^ERROR:  55P03:' 'wait_timeout ends the wait with 55P03'
like "$said" "DETAIL: .*process $pid" 'names who holds the lock'
like "$said" 'HINT: .*wait_timeout' 'and the setting'
is "$((lasted >= 300 && lasted < 5000))" 1 'after the time given'
is "$(run 'SELECT migrate_pending()')" 1 'looking does not wait'
like "$(run "SET migrate.wait_timeout = '0'; SELECT migrate_apply()")" 55P03 \
    'a timeout of 0 does not wait at all'
is "$(run "SET lock_timeout = '1h'; SET migrate.wait_timeout = '100ms';
           DO \$\$ BEGIN PERFORM migrate_apply();
           EXCEPTION WHEN lock_not_available THEN NULL; END \$\$;
           SELECT current_setting('lock_timeout'), 1")" '1h|1' \
    'the session is fit to go on, its lock_timeout as it was'

# One that waits sees what was committed meanwhile.
run 'SELECT migrate_apply()' > "$work/waiter" &
waiter=$!
wait_until "$waiting"
echo "COMMIT;" >&3
wait $waiter
is "$(cat "$work/waiter")" 0 'who waited finds nothing left to do'
exec 3>&-
wait $holder

# And when the holder gives up, it does the work.
run "SELECT migrate_add('101', 'CREATE TABLE later (id int)')" > /dev/null
psql -X -q -A -t -d "$database" < "$work/hold" > "$work/holder" 2>&1 &
holder=$!
exec 3> "$work/hold"
echo "BEGIN; SELECT migrate_apply();" >&3
wait_until "SELECT count(*) = 1 FROM pg_locks
            WHERE granted AND locktype = 'object' AND objsubid = 1"
run 'SELECT migrate_apply()' > "$work/waiter" &
waiter=$!
wait_until "$waiting"
echo "ROLLBACK;" >&3
wait $waiter
is "$(cat "$work/waiter")" 1 'who waited does what was rolled back'
exec 3>&-
wait $holder

# Cancelled in the middle of a migration, and while waiting for the lock.
run "SELECT migrate_add('102', 'CREATE TABLE half (id int);
     SELECT pg_sleep(600)')" > /dev/null
run "SELECT migrate_apply()" > "$work/sleeper" &
sleeper=$!
wait_until "SELECT count(*) = 1 FROM pg_stat_activity
            WHERE wait_event = 'PgSleep' AND datname = '$database'"
run "SELECT migrate_apply()" > "$work/waiter" &
waiter=$!
wait_until "$waiting"
run "SELECT pg_cancel_backend(pid) FROM pg_locks
     WHERE NOT granted AND locktype = 'object'" > /dev/null
wait $waiter
like "$(cat "$work/waiter")" '^ERROR:  57014:' 'a waiter can be cancelled'
run "SELECT pg_cancel_backend(pid) FROM pg_stat_activity
     WHERE wait_event = 'PgSleep' AND datname = '$database'" > /dev/null
wait $sleeper
like "$(cat "$work/sleeper")" '^ERROR:  57014:' 'a migration can be cancelled'
is "$(run "SELECT to_regclass('half') IS NULL, migrate_current()")" 't|101' \
    'nothing of it is left'
run "SELECT migrate_add('102', 'SELECT 1')" > /dev/null
is "$(run "SET migrate.wait_timeout = '0'; SELECT migrate_apply()")" 1 \
    'the lock is free'

# A backend that dies holds nothing.
run "SELECT migrate_add('103', 'CREATE TABLE half (id int);
     SELECT pg_sleep(600)')" > /dev/null
run "SELECT migrate_apply()" > "$work/sleeper" &
sleeper=$!
wait_until "SELECT count(*) = 1 FROM pg_stat_activity
            WHERE wait_event = 'PgSleep' AND datname = '$database'"
run "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE wait_event = 'PgSleep' AND datname = '$database'" > /dev/null
wait $sleeper
run "SELECT migrate_add('103', 'SELECT 1')" > /dev/null
is "$(run "SET migrate.wait_timeout = '1s'; SELECT migrate_apply()")" 1 \
    'a backend that was ended holds no lock'

finish
