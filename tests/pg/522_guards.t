#!/bin/bash
# Guards: confirmation of procedures, restore points, backups, health.  TAP;
# starts servers of its own.
set -u

# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

server one wal_level=replica max_prepared_transactions=5 archive_mode=on \
    "archive_command=false" client_min_messages=notice

# Run SQL as somebody in the test's database, errors and notices in a line.
as()
{
    printf '%s;\n' "$2" |
        psql -X -q -A -t -h "$work/one" -U "$1" -d shop 2>&1
}
run()
{
    as postgres "$1" | grep -v '^NOTICE:\|^DETAIL:\|^HINT:'
}

psql -X -q -h "$work/one" -U postgres -d postgres -c 'CREATE DATABASE shop'
run "CREATE EXTENSION migrate;
     CREATE ROLE deployer LOGIN; GRANT CREATE ON SCHEMA public TO deployer;
     GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO deployer;
     GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA public TO deployer;
     SELECT migrate_add('1', 'CREATE TABLE one (id int)', 'DROP TABLE one');
     SELECT migrate_add('2', 'SELECT 1/0');
     SELECT migrate_config('environment', 'production')" > /dev/null

# ---- Confirmation ----

confirm="SELECT migrate_config('confirm', 'shop')"
lacks='environment "production" is protected: '
like "$(run 'CALL migrate_deploy()')" "${lacks}migrate_deploy needs" \
    'deploy needs it'
like "$(as postgres 'CALL migrate_deploy()')" \
    "^HINT: .* call migrate_config('confirm', 'shop')" 'and says what to call'
run "SET migrate.confirm = 'shop'; CALL migrate_deploy('1')" > "$work/out"
like "$(cat "$work/out")" "$lacks" 'a session cannot give it by SET'
run "SET migrate.environment = 'test'; CALL migrate_deploy('1')" > "$work/out"
like "$(cat "$work/out")" "$lacks" 'nor another environment'

run "$confirm" > /dev/null
like "$(run 'CALL migrate_deploy()')" 'division by zero' 'confirmed, it runs'
is "$(run "SELECT migrate_current(), migrate_config('confirm')")" '1|' \
    'a deploy that fails has used it up'
like "$(run 'CALL migrate_deploy()')" "$lacks" 'so the next needs another'
run "$confirm" > /dev/null
like "$(run 'CALL migrate_deploy()')" 'division by zero' 'its first one fails'
is "$(run "SELECT migrate_config('confirm'), count(*) FROM migrate_history()
           WHERE action = 'confirm'")" '|2' 'that uses it up, too'
run "$confirm" > /dev/null
like "$(run 'SELECT migrate_apply()')" 'division by zero' 'a function fails'
is "$(run "SELECT migrate_config('confirm')")" shop \
    'and takes back all, this with it'
is "$(run 'CALL migrate_revert()')" '' 'a revert is confirmed by it'
like "$(run 'CALL migrate_revert()')" 'no migration is applied' \
    'with nothing to do it asks for none'
run "$confirm; CALL migrate_deploy('1')" > /dev/null
is "$(run "CALL migrate_deploy('1'); SELECT migrate_up('/nonexistent')")" \
    'ERROR:  "/nonexistent" does not exist' 'nor does a start'
like "$(run 'CALL migrate_revert()')" "${lacks}migrate_revert needs" 'revert'
like "$(run 'SELECT migrate_redo()')" "${lacks}migrate_redo needs" 'redo'

# Others wait for the one who has it, and find all done.
run "SELECT migrate_add('2', 'SELECT pg_sleep(1)'); $confirm" > /dev/null
run 'CALL migrate_deploy()' > "$work/first" &
until [ "$(run "SELECT count(*) FROM pg_stat_activity
                WHERE wait_event = 'PgSleep'")" = 1 ]; do sleep 0.05; done
is "$(run 'SELECT migrate_apply()')" 0 'one that waited needs none'
wait $!
is "$(cat "$work/first")" '' 'and the first was done'

# Two with something to do, and one confirmation.
run "SELECT migrate_add('2.1', 'SELECT pg_sleep(0.5)', 'SELECT 1'); $confirm" \
    > /dev/null
run 'CALL migrate_deploy()' > /dev/null
run "$confirm" > /dev/null
for i in 1 2 3 4; do
    run 'SELECT migrate_redo()' > "$work/redo.$i" &
    redo[i]=$!
done
wait "${redo[@]}"
is "$(grep -c '^1$' "$work"/redo.? | grep -c ':1$')" 1 'one of four runs'
is "$(grep -c "$lacks" "$work"/redo.? | grep -c ':1$')" 3 'the others may not'
is "$(run "SELECT migrate_config('confirm')")" '' 'it is used up'

# What destroys rows is seen before the first commit.
run "CREATE TABLE full_one AS SELECT 1 AS id;
     SELECT migrate_add('2.2', 'CREATE TABLE early (id int)', '');
     SELECT migrate_add('2.3', 'DROP TABLE full_one', ''); $confirm" > /dev/null
like "$(run 'CALL migrate_deploy()')" \
    'migration "2.3" is refused at line 1: it drops table "full_one" (1 row)' \
    'a deploy is refused'
is "$(run "SELECT to_regclass('early') IS NULL, migrate_config('confirm')")" \
    't|shop' 'before its first step, and keeps its confirmation'
run "SELECT migrate_add('2.3', 'DO \$\$ BEGIN TRUNCATE full_one; END \$\$', '')" \
    > /dev/null
run "CALL migrate_deploy('2.3');
     BEGIN; DROP TABLE full_one; SELECT 'dropped'; ROLLBACK" > "$work/out"
like "$(cat "$work/out")" \
    'failed at line 1: it empties table "full_one" (1 row), and the environment is protected' \
    'what a DO block does is refused in its turn'
is "$(tail -n 1 "$work/out")" dropped 'and the session is free behind it'
run "SELECT migrate_add('2.3', 'DROP TABLE full_one', ''); $confirm" > /dev/null
is "$(run "SELECT state, detail FROM migrate_preflight()
           WHERE name = 'locks'")" \
    'ok|nobody holds a lock that a statement would wait for' 'no lock'
# A table that somebody has locked is not waited for, until its turn comes.
run "BEGIN; LOCK TABLE full_one; PREPARE TRANSACTION 'locks'" > /dev/null
like "$(run "SELECT state, detail FROM migrate_preflight()
             WHERE name LIKE 'destr%'")" \
    '^warning|1: 2.3 line 1: drops table "full_one" (rows not counted)' \
    'the look before says that it could not count'
is "$(run "SELECT state, detail FROM migrate_preflight()
           WHERE name = 'locks'")" \
    'warning|1: 2.3 line 1: table "full_one" is held by a prepared transaction' \
    'and who holds it'
run 'CALL migrate_deploy()' > "$work/late" &
late=$!
until [ "$(run "SELECT count(*) FROM pg_locks WHERE NOT granted
                AND relation = 'full_one'::regclass")" = 1 ] ||
    ! kill -0 "$late" 2> /dev/null; do sleep 0.05; done
run "ROLLBACK PREPARED 'locks'"
wait "$late"
like "$(cat "$work/late")" \
    'migration "2.3" failed at line 1: it drops table "full_one" (1 row)' \
    'then it is refused'
is "$(run "SELECT to_regclass('early') IS NULL, migrate_config('confirm')")" \
    'f|' 'behind what was run before it'
run "SELECT migrate_add('2.3', '-- migrate:destructive
DROP TABLE full_one', ''); $confirm; CALL migrate_deploy()" > /dev/null
is "$(run 'SELECT migrate_current()')" 2.3 'the mark lets it pass'

# What takes several transactions, and what none can hold.
run "SELECT migrate_add('3', 'CREATE INDEX CONCURRENTLY one_id ON one (id)',
                        'DROP INDEX CONCURRENTLY one_id'); $confirm" > /dev/null
is "$(run 'CALL migrate_deploy()')" '' 'no transaction'
is "$(run "SELECT migrate_current(), migrate_config('confirm')")" '3|' \
    'has used it up'
run "CREATE SCHEMA t1; CREATE SCHEMA t2;
     SELECT migrate_config('project', 'tenants');
     SELECT migrate_add('1', 'CREATE TABLE t (id int)', 'DROP TABLE t');
     $confirm; CALL migrate_deploy_all('t_')" > /dev/null
is "$(run "SELECT string_agg(target || applied, ' ' ORDER BY target)
           FROM migrate_targets() WHERE target <> ''")" 't11 t21' 'many schemas are one run'
is "$(run "SELECT migrate_config('confirm')")" '' 'that has used it up'
run "SELECT migrate_config('project', NULL)" > /dev/null

# ---- Restore points ----

like "$(run "SELECT detail FROM migrate_history() WHERE action = 'confirm'")" \
    '^restore point "migrate [0-9]* default 1" at [0-9A-F]*/[0-9A-F]*$' \
    'the history has the restore point'
run "$confirm" > /dev/null
like "$(as postgres 'CALL migrate_revert()')" \
    '^NOTICE:  restore point "migrate [0-9]* default 3" at ' 'and a notice'
run "SELECT migrate_config('environment', NULL);
     SELECT migrate_add('3.5', 'SELECT 1')" > /dev/null
run 'CALL migrate_deploy('"'3'"')' > /dev/null
unlike "$(as deployer 'CALL migrate_deploy()')" 'restore point' \
    'who may not make one runs without'
is "$(run 'SELECT migrate_current()')" 3.5 'all the same'

# ---- Backups ----

run "SELECT migrate_config('require_backup', '24');
     SELECT migrate_add('4', 'CREATE TABLE four (id int)', 'DROP TABLE four')" \
    > /dev/null
like "$(as postgres 'CALL migrate_deploy()')" \
    'there is no backup of the last 24 hours' 'a backup is asked for'
like "$(as postgres 'CALL migrate_deploy()')" 'no backup is in the history; ' \
    'and the error says what there is'
run 'SELECT pg_switch_wal()' > /dev/null
until [ "$(run 'SELECT failed_count > 0 FROM pg_stat_archiver')" = t ]; do
    sleep 0.1
done
like "$(run "SELECT state, detail FROM migrate_preflight()
             WHERE name = 'backup'")" '^error|.*archiving of WAL has been failing' \
    'archiving that fails does not count'
run 'ALTER SYSTEM SET archive_command = true; SELECT pg_reload_conf()' > /dev/null
until [ "$(run "SELECT last_archived_time > coalesce(last_failed_time,
                '-infinity') FROM pg_stat_archiver")" = t ]; do sleep 0.1; done
like "$(run "SELECT state, detail FROM migrate_preflight()
             WHERE name = 'backup'")" '^ok|WAL was last archived 0 min ago' \
    'archiving that goes on does'
is "$(run 'SELECT migrate_apply()')" 1 'so the run passes'
run "ALTER SYSTEM SET archive_command = false; SELECT pg_reload_conf();
     SELECT pg_stat_reset_shared('archiver')" > /dev/null
until [ "$(run 'SELECT last_archived_time IS NULL FROM pg_stat_archiver')" = t ]; do
    sleep 0.1 # up to version 14 the statistics come a moment later
done
like "$(run 'SELECT migrate_rollback()')" 'there is no backup' 'again none'
is "$(as deployer "SELECT migrate_record_backup('nightly') > 0")" t \
    'a job records one'
is "$(run 'SELECT migrate_rollback()')" 1 'that does'
run "SELECT migrate_config('require_backup', NULL)" > /dev/null

# ---- Health ----

finding()
{
    run "SELECT state, detail FROM migrate_preflight() WHERE name = '$1'"
}
is "$(finding writable)" 'ok|the database can be written' 'writable'
like "$(finding 'free disk space')" 'MiB are free for the database' 'disk'
like "$(finding 'other transactions')" '^ok|none is open' 'no transaction'
like "$(finding 'replication lag')" '^ok|no standby is connected' 'no standby'
like "$(finding 'replication slots')" '^ok|' 'no slot'
like "$(finding 'invalid indexes')" '^ok|none' 'no invalid index'
like "$(finding 'data checksums')" '^not checked|the cluster has none\|^ok|0' \
    'checksums'
like "$(finding 'background workers')" '^ok|' 'workers'

run "BEGIN; CREATE TABLE prepared (id int); PREPARE TRANSACTION 'waiting';
     SELECT pg_create_physical_replication_slot('unread', true);
     SELECT migrate_config('max_transaction_age', '1ms')" > /dev/null
like "$(finding 'other transactions')" \
    '^error|.*prepared transaction "waiting" of postgres' 'a long transaction'
like "$(finding 'replication slots')" '^warning|nobody reads unread' 'a slot'
like "$(as postgres 'SELECT migrate_apply()')" \
    '^WARNING:  other transactions: the oldest is of prepared' 'a run warns'
is "$(run 'SELECT migrate_rollback()' | grep -v WARNING)" 1 'and goes on'
run "SELECT migrate_config('preflight', 'error')" > /dev/null
like "$(run 'SELECT migrate_apply()')" \
    '^ERROR:  other transactions: the oldest' 'or refuses, when that is set'
is "$(run 'SELECT migrate_pending()')" 1 'with nothing done'
run "SELECT migrate_config('preflight', 'off')" > /dev/null
is "$(run 'SELECT migrate_apply()')" 1 'or does not look'
run "ROLLBACK PREPARED 'waiting'; SELECT pg_drop_replication_slot('unread')" \
    > /dev/null
like "$(as deployer "SELECT state, detail FROM migrate_preflight()
                     WHERE name = 'other transactions'")" \
    '^not checked|only those of your own role can be seen' 'without the right'
run "CREATE TABLE twice AS SELECT 1 AS id FROM generate_series(1, 2)" > /dev/null
run 'CREATE UNIQUE INDEX CONCURRENTLY twice_id ON twice (id)' > /dev/null
like "$(finding 'invalid indexes')" '^warning|1: public.twice_id$\|^warning|1: twice_id$' \
    'an invalid index'
run "SELECT migrate_config('max_transaction_age', NULL)" > /dev/null

# What is half done, and refused on the way, is told how to go on.
index='CREATE INDEX CONCURRENTLY part_id ON part (id)'
run "SELECT migrate_config('environment', NULL),
            migrate_config('require_backup', NULL);
     CREATE TABLE part (id int); INSERT INTO part VALUES (1);
     SELECT migrate_add('9', '$index; SELECT 1/0')" > /dev/null
like "$(run 'CALL migrate_deploy()')" 'division by zero' 'a part is done'
run "SELECT migrate_add('9', '$index; DROP TABLE part'),
            migrate_config('environment', 'production'); $confirm" > /dev/null
like "$(as postgres 'CALL migrate_deploy()')" '^HINT: .*-- migrate:destructive' \
    'the rest is refused, with what to write'

# What a worker runs is held as well: a DO block, a procedure's transactions.
run "SELECT migrate_repair('9'), migrate_add('9', 'SELECT 9'); $confirm" > /dev/null
run 'CALL migrate_deploy()' > /dev/null
run "CREATE PROCEDURE clears() LANGUAGE plpgsql AS
     'BEGIN COMMIT; TRUNCATE part; END';
     CREATE PROCEDURE deletes() LANGUAGE plpgsql AS 'BEGIN
         DELETE FROM part WHERE id = 7; COMMIT; DELETE FROM part; COMMIT; END';
     CREATE FUNCTION on_insert() RETURNS trigger LANGUAGE plpgsql AS
     'BEGIN DELETE FROM part; RETURN NULL; END';
     CREATE TABLE deferred (id int);
     CREATE CONSTRAINT TRIGGER later AFTER INSERT ON deferred
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
         EXECUTE FUNCTION on_insert()" > /dev/null
outside='-- migrate:up transaction:false'
for statement in "DO 'BEGIN TRUNCATE part; END'" 'CALL clears()'; do
    run "SELECT migrate_add('10', E'$outside\n' || \$\$$statement\$\$); $confirm" \
        > /dev/null
    like "$(as postgres 'CALL migrate_deploy()')" \
        'empties table "part" (1 row), and the environment is protected' \
        "$statement in a worker"
done
for statement in "DO 'BEGIN DELETE FROM part; END'" 'CALL deletes()' \
    "DO 'BEGIN INSERT INTO deferred VALUES (1); END'" \
    "DO 'BEGIN INSERT INTO deferred VALUES (1); COMMIT; END'"; do
    run "SELECT migrate_add('10', E'$outside\n' || \$\$$statement\$\$); $confirm" \
        > /dev/null
    like "$(as postgres 'CALL migrate_deploy()')" \
        'deletes every row of table "part" (1 row), and the environment is protected' \
        "$statement in a worker"
done
is "$(run 'SELECT count(*) FROM part')" 1 'nothing of it is gone'
# A view whose rows cannot be counted; and what catches the refusal.
run "CREATE VIEW broken AS SELECT id FROM part WHERE 1 / (id - 1) > 0" > /dev/null
for statement in "BEGIN TRUNCATE broken; END" \
    'BEGIN TRUNCATE part; EXCEPTION WHEN OTHERS THEN NULL; END' \
    'BEGIN DELETE FROM part; EXCEPTION WHEN OTHERS THEN NULL; END'; do
    run "SELECT migrate_add('10', E'$outside\nDO ' || quote_literal('$statement'));
         $confirm" > /dev/null
    like "$(as postgres 'CALL migrate_deploy()')" 'ERROR: ' "$statement in a worker"
    like "$(run 'SELECT migrate_current()')" 9 'is not applied, and the server lives'
done
run "SELECT migrate_add('10', E'$outside\n${index/part_id/again}');
     $confirm" > /dev/null
as postgres 'CALL migrate_deploy()' > /dev/null
is "$(run 'SELECT migrate_current()')" 10 'an index may be made there'

standby two one
is "$(psql -X -q -A -t -h "$work/two" -U postgres -d shop -c "
    SELECT state, detail FROM migrate_preflight() WHERE name = 'writable'")" \
    'error|this server is a standby' 'a standby'
like "$(finding 'replication lag')" '^ok|walreceiver is behind by\|^ok|two' 'its lag'

finish
