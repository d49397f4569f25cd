#!/bin/bash
# What others change of the schema while a migration runs.  TAP; PGHOST and
# PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_others

drift='SELECT kind, object, change FROM migrate_drift()'

# meanwhile VERSION CALL SQL: run SQL while CALL is in the midst of a migration.
meanwhile()
{
    open_session
    tell 'SELECT pg_advisory_lock(1);'
    wait_until "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory'"
    run "$2" > "$work/call" &
    call=$!
    wait_until "SELECT count(*) = 1 FROM pg_locks
                WHERE locktype = 'advisory' AND NOT granted"
    tell "$3;"
    tell 'SELECT pg_advisory_unlock(1);'
    wait $call
    close_session
    is "$(run "SELECT state FROM migrate_status() WHERE version = '$1'")" \
        applied "migration $1 is applied"
}

run "SELECT migrate_add('1', 'CREATE TABLE one (id int)', 'DROP TABLE one');
     SELECT migrate_apply()" > /dev/null
for call in 'SELECT migrate_apply()' 'CALL migrate_deploy()'; do
    n=$((${n:-1} + 1))
    run "SELECT migrate_add('$n', 'CREATE TABLE t$n (id int);
         SELECT pg_advisory_lock(1); SELECT pg_advisory_unlock(1);
         ALTER TABLE t$n ADD v int', 'DROP TABLE t$n')" > /dev/null
    meanwhile $n "$call" "CREATE TABLE others (id int); ALTER TABLE one ADD hand int"
    is "$(run "$drift")" 'column|public.one.hand|added
table|public.others|added' "$call: others' changes are drift"
    is "$(run "SELECT count(*) FROM migrate_verify() WHERE kind = 'schema'")" 0 \
        'and the record is whole'
    run 'DROP TABLE others; ALTER TABLE one DROP hand' > /dev/null
    is "$(run "$drift")" '' 'put back, there is none'
done

# A caller whose transaction has used ids of its own, by a subtransaction, before
# the call: as many that others use meanwhile are not taken for these.
run "CREATE TABLE scratch (id int);
     SELECT migrate_accept();
     SELECT migrate_add('10', 'SELECT pg_advisory_lock(1);
         SELECT pg_advisory_unlock(1)');
     SELECT migrate_add('11', 'ALTER TABLE one ADD v int')" > /dev/null
# shellcheck disable=SC2016 # what has a $ in it is SQL
caller='DO $do$
BEGIN
    BEGIN
        INSERT INTO scratch VALUES (1);
    EXCEPTION WHEN division_by_zero THEN
        NULL;
    END;
    CALL migrate_deploy();
END $do$'
meanwhile 10 "$caller" 'ALTER TABLE one ADD hand int'
is "$(run 'SELECT migrate_current()')" 11 'both are applied'
is "$(run "$drift")" 'column|public.one.hand|added' \
    "a caller's subtransactions are not others'"

finish
