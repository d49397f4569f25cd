#!/bin/bash
# On a standby, and in read-only transactions: what looks works, what writes
# says why not.  TAP.
set -u
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

migrations files 1_one.sql '-- migrate:up
CREATE TABLE one (id int);
-- migrate:down
DROP TABLE one;' 2_two.sql '-- migrate:up
CREATE TABLE two (id int);
-- migrate:down
DROP TABLE two;' 3_three.sql '-- migrate:up
CREATE TABLE three (id int);
-- migrate:down
DROP TABLE three;'
cp -r "$work/files" "$work/more"
migrations more 4_four.sql 'CREATE TABLE four (id int);'

server primary
must primary postgres postgres 'CREATE DATABASE app'
must primary postgres app 'CREATE EXTENSION migrate' \
    "SELECT migrate_up('$work/files', '2')"
standby follower primary

# Wait until the follower has all that the primary has.
catch_up()
{
    local place
    place=$(sql primary postgres app 'SELECT pg_current_wal_lsn()')
    wait_for follower app "SELECT pg_last_wal_replay_lsn() >= '$place'"
}

# The calls of all functions: what looks, and what writes
calls()
{
    "$bindir/psql" -X -q -A -t -h "$work/primary" -U postgres -d app \
        -v files="$work/more" -f "$(dirname "$0")/calls.psql" \
        -c "SELECT statement FROM calls WHERE $1 ORDER BY 1"
}
# What migrate_preflight() sees of the server is another thing on each.
mapfile -t looks < <(calls "NOT writes AND name !~ 'migrate_preflight'")
mapfile -t writes < <(calls writes)
is "$((${#looks[@]} > 8 && ${#writes[@]} > 8))" 1 'there is much to call'

# The name of what a call calls
called()
{
    local name=${1%%(*}
    echo "${name##*.}"
}

# Whether a call fails, and says why: refused SERVER CALL REASON
# What goes over several schemas says it in a warning for each.
refused()
{
    local answer
    answer=$(sql "$1" postgres app "$2")
    like "$answer" '^ERROR:  \(25006\|55000\)' "$2: fails"
    is "$(grep -o 'cannot execute.*' <<< "$answer")" \
        "cannot execute $(called "$2")() $3" 'and says why'
}

before=$(sql primary postgres app 'SELECT * FROM migrate_history()')

# ---- On the standby ----

catch_up
for call in "${looks[@]}"; do
    wanted=$(sql primary postgres app "$call")
    is "$(sql follower postgres app "$call")" "$wanted" \
        "$(called "$call") shows the same on a standby"
done
for call in "${writes[@]}"; do
    refused follower "$call" 'during recovery'
done
is "$(sql follower postgres app "SELECT migrate_up('$work/files', '2')" \
    "SELECT migrate_apply('2')")" "$(printf '0\n0')" \
    'with nothing to do there is nothing to say'

# ---- In a read-only transaction ----

export PGOPTIONS='-c default_transaction_read_only=on'
for call in "${looks[@]}"; do
    wanted=$(PGOPTIONS='' sql primary postgres app "$call")
    is "$(sql primary postgres app "$call")" "$wanted" \
        "$(called "$call") shows the same in a read-only transaction"
done
for call in "${writes[@]}"; do
    refused primary "$call" 'in a read-only transaction'
done
unset PGOPTIONS
is "$(sql primary postgres app 'SELECT * FROM migrate_history()')" "$before" \
    'nothing has been written'

# ---- Who looks at a standby does not wait for who migrates ----

mkfifo "$work/hold"
"$bindir/psql" -X -q -h "$work/primary" -U postgres -d app \
    < "$work/hold" > "$work/holder" 2>&1 &
helpers+=($!)
exec 3> "$work/hold"
echo 'BEGIN; SELECT migrate_apply();' >&3
wait_for primary app "SELECT to_regclass('three') IS NULL AND count(*) = 1
    FROM pg_locks WHERE granted AND locktype = 'relation'
    AND relation > 16384 AND mode = 'AccessExclusiveLock'"
catch_up
is "$(sql follower postgres app "SET statement_timeout = '5s'" \
    'SELECT migrate_current(), migrate_pending()')" '2|1' \
    'while somebody migrates, a standby shows how it was'
echo 'COMMIT;' >&3
exec 3>&-
wait "${helpers[0]}"
helpers=()
catch_up
is "$(sql follower postgres app 'SELECT migrate_current(), migrate_pending()' \
    "SELECT to_regclass('three')")" "$(printf '3|0\nthree')" \
    'and afterwards how it is'

# ---- The standby takes over ----

is "$(sql follower postgres app 'SELECT pg_promote()' \
    "SELECT migrate_up('$work/more')" "SELECT migrate_rollback('3')" \
    2>&1 | grep -v HINT)" "$(printf 't\n1')
ERROR:  55000: migration \"4\" has no way back: nothing was rolled back" \
    'promoted, it migrates'
is "$(sql follower postgres app "SELECT migrate_stamp('3')" \
    "SELECT migrate_rollback('base')" "SELECT to_regclass('one') IS NULL" \
    'SELECT count(*) - max(e.seq) + 1 FROM migrate_event e JOIN migrate_event b
     ON b.seq = e.seq - 1 AND b.hash = e.previous_hash' | paste -sd' ')" \
    '1 3 t 0' \
    'and goes back, in the same history'

finish
