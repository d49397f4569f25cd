#!/bin/bash
# Procedures: a commit for each migration.  TAP; PGHOST and PGUSER say which
# server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_deploy
# What the tests make by hand is not their subject.
run "SELECT migrate_config('on_drift', 'ignore')" > /dev/null

# ---- A commit for each; failures are recorded ----

run "SELECT migrate_add('1', 'CREATE TABLE one (id int)', 'DROP TABLE one');
     SELECT migrate_add('2', E'CREATE TABLE two (id int);\nSELECT 1/0',
                        'DROP TABLE two', 'half');
     SELECT migrate_add('3', 'CREATE TABLE three (id int)', 'DROP TABLE three')" \
    > /dev/null
said=$(say 'CALL migrate_deploy()')
like "$said" '^NOTICE:  00000: applied 1$' 'progress is told'
like "$said" '^ERROR:  22012: migration "2" failed at line 2: division by zero$' \
    'the failure has the SQLSTATE and the place'
is "$(run "SELECT to_regclass('one') IS NULL, to_regclass('two') IS NULL,
           migrate_current()")" 'f|t|1' \
    'what came before is kept, nothing of the failed one'
is "$(run "SELECT version, state, detail FROM migrate_status()")" \
    "1|applied|
2|failed|migration \"2\" failed at line 2: division by zero
3|pending|" 'status says so'
said=$(run "SELECT outcome, duration_ms, detail FROM migrate_history()
            WHERE version = '2' AND action = 'apply'")
like "$said" '^failed||migration "2" failed at line 2: division by zero$' \
    'the attempt is in the history'
like "$said" '^detail: Statement 2 of section up of its text: SELECT 1/0$' \
    'with its statement'
like "$said" '^SQLSTATE: 22012$' 'and its SQLSTATE'
run "SELECT migrate_add('2', \$\$DO 'BEGIN RAISE EXCEPTION ''no'' USING
     DETAIL = ''because'', HINT = ''try'', ERRCODE = ''MX001''; END'\$\$)" \
    > /dev/null
run 'CALL migrate_deploy()' > /dev/null
said=$(run "SELECT detail FROM migrate_history() ORDER BY seq DESC LIMIT 1")
for line in 'because' '^hint: try$' '^SQLSTATE: MX001$' \
    '^context: PL/pgSQL function inline_code_block line 1 at RAISE$'; do
    like "$said" "$line" "a failure's record has $line"
done
run "SELECT migrate_add('2', 'CREATE TABLE two (id int)', 'DROP TABLE two')" \
    > /dev/null
like "$(say 'CALL migrate_deploy()')" \
    '2 migrations applied; the database is at 3$' 'corrected, it goes on'
like "$(say 'CALL migrate_deploy()')" '0 migrations applied; .* at 3$' \
    'with nothing to do it says so'
like "$(say "CALL migrate_deploy('nosuch')")" '^ERROR:  42704:' 'unknown target'

run "CREATE TABLE xids AS SELECT txid_current() AS xid;
     SELECT migrate_add('3.1', 'INSERT INTO xids VALUES (txid_current())',
                        'DELETE FROM xids');
     SELECT migrate_add('3.2', 'INSERT INTO xids VALUES (txid_current())',
                        'INSERT INTO xids VALUES (txid_current())');
     CALL migrate_deploy(); CALL migrate_revert('3')" > /dev/null
is "$(run "SELECT count(*) FROM xids")" 0 'a way back was run, the last first'
run 'CALL migrate_deploy()' > /dev/null
is "$(run "SELECT count(DISTINCT xid) FROM xids")" 2 \
    'each is committed in a transaction of its own'
run "CALL migrate_revert('3')" > /dev/null

# ---- Back ----

run 'CALL migrate_revert()' > /dev/null
is "$(run "SELECT to_regclass('three') IS NULL, migrate_current()")" 't|2' \
    'revert goes back one step'
like "$(run 'CALL migrate_revert(NULL)')" '^ERROR:  22023:' 'NULL is an error'
run "CALL migrate_deploy('+1'); CALL migrate_revert('base')" > /dev/null
is "$(run "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'
           AND tablename IN ('one', 'two', 'three')")" 0 'revert to base'
run "SELECT migrate_add('4', 'CREATE TABLE four (id int)')" > /dev/null
run "CALL migrate_deploy()" > /dev/null
like "$(run "CALL migrate_revert('base')")" \
    'migration "4" has no way back: nothing was rolled back' 'no way back'
is "$(run 'SELECT migrate_current()')" 4 'and indeed nothing was'

# ---- Where it can be called ----

run "SELECT migrate_add('5', 'CREATE TABLE five (id int)', 'DROP TABLE five')" \
    > /dev/null
for call in 'BEGIN; CALL migrate_deploy(); ROLLBACK' \
    "DO 'BEGIN BEGIN CALL migrate_deploy(); EXCEPTION WHEN division_by_zero THEN NULL; END; END'" \
    "BEGIN; DO 'BEGIN CALL migrate_deploy(); END'; ROLLBACK"; do
    said=$(run "$call")
    like "$said" '^ERROR:  2D000: CALL migrate_deploy() cannot run inside' \
        "refused: $call"
    like "$said" '^HINT: .*migrate_apply()' 'naming the alternative'
done
run "CREATE PROCEDURE definer() LANGUAGE plpgsql SECURITY DEFINER
     AS 'BEGIN CALL migrate_deploy(); END';
     CREATE FUNCTION caller() RETURNS int LANGUAGE plpgsql
     AS 'BEGIN CALL migrate_deploy(); RETURN 1; END';
     CREATE PROCEDURE invoker() LANGUAGE plpgsql AS 'DECLARE r record; BEGIN
     FOR r IN SELECT g FROM generate_series(1, 3) g LOOP
     CALL migrate_deploy(); CALL migrate_revert(); END LOOP;
     CALL migrate_deploy(); END'"
like "$(run 'CALL definer()')" '^ERROR:  2D000' 'SECURITY DEFINER: refused'
like "$(run 'SELECT caller()')" '^ERROR:  2D000' 'in a function: refused'
is "$(run 'CALL invoker()')" '' 'from a PL/pgSQL procedure, in a loop'
is "$(run "SELECT to_regclass('five') IS NOT NULL, count(*)
           FROM migrate_history()
           WHERE version = '5' AND action IN ('apply', 'rollback')")" 't|7' \
    'it has done its work'
run 'CALL migrate_revert()' > /dev/null
is "$(run "DO 'BEGIN CALL migrate_deploy(); END'; SELECT migrate_current()")" 5 \
    'from DO'
like "$(run "SET default_transaction_isolation = 'repeatable read';
             CALL migrate_revert()")" '^ERROR:  0A000:' 'REPEATABLE READ'
like "$(run "SET default_transaction_read_only = on; CALL migrate_revert()")" \
    '^ERROR:  25006:' 'read only'
like "$(say "SET statement_timeout = '1h'; CALL migrate_deploy()")" \
    '^NOTICE: .*statement_timeout is 3600000 ms' "the client's timeout is told"

# ---- What a migration sets does not leak ----

run "SELECT migrate_add('6', 'SET search_path = pg_catalog; SET work_mem = ''1MB'';
         SET ROLE pg_monitor; SELECT set_config(''lock_timeout'', ''9s'', false);
         SET LOCAL statement_timeout = ''8s''; SET application_name = ''six''');
     SELECT migrate_add('7', 'CREATE TABLE seen AS SELECT current_user::text who,
         current_setting(''search_path'') path, current_setting(''work_mem'') mem,
         current_setting(''statement_timeout'') clock')" > /dev/null
is "$(run "SET search_path = public, pg_temp; SET work_mem = '3MB';
           SET application_name = 'mine'; CALL migrate_deploy();
           SELECT current_user, current_setting('search_path'),
                  current_setting('work_mem'), current_setting('lock_timeout'),
                  current_setting('application_name'),
                  current_setting('log_lock_waits'),
                  (SELECT application_name FROM pg_stat_activity
                   WHERE pid = pg_backend_pid())")" \
    'postgres|public, pg_temp|3MB|0|mine|off|mine' 'the session is as it was'
is "$(run 'SELECT * FROM seen')" 'postgres|public, pg_temp|3MB|0' \
    'and so is what the next migration sees'
run "SELECT migrate_add('8', 'SET work_mem = ''1MB''; SELECT 1/0')" > /dev/null
run "SET work_mem = '3MB'; CALL migrate_deploy(); SHOW work_mem;
     SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND objsubid > 0" \
    > "$work/out"
is "$(tail -n 2 "$work/out" | paste -sd' ')" '3MB 0' \
    'also after a failure, and no lock is kept'
run "SELECT migrate_add('8', 'SELECT 1')" > /dev/null

# ---- While it runs ----

run "SELECT migrate_add('9', 'SELECT pg_sleep(600)')" > /dev/null
run 'CALL migrate_deploy()' > "$work/sleeper" &
sleeper=$!
wait_until "SELECT count(*) = 1 FROM pg_stat_activity
            WHERE wait_event = 'PgSleep' AND datname = '$database'"
is "$(run "SELECT application_name FROM pg_stat_activity
           WHERE wait_event = 'PgSleep' AND datname = '$database'")" \
    'migrate: 2 of 2: 9' 'others see which migration is being run'
is "$(run 'SELECT migrate_current()')" 8 'and what is done already'
run "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE wait_event = 'PgSleep' AND datname = '$database'" > /dev/null
wait $sleeper
run "SELECT migrate_add('9', 'SELECT 1')" > /dev/null
is "$(run "SET migrate.wait_timeout = '2s'; CALL migrate_deploy();
           SELECT migrate_current()")" 9 'a backend that was ended holds no lock'

# ---- Many at once ----

mkdir "$work/migrations"
echo 'CREATE TABLE ran (id int);' > "$work/migrations/100_ran.sql"
for i in $(seq 101 130); do
    echo "INSERT INTO ran VALUES ($i);" > "$work/migrations/${i}_t.sql"
done
chmod -R a+rX "$work"
run "SELECT migrate_load('$work/migrations')" > /dev/null
callers=()
for i in $(seq 20); do
    run 'CALL migrate_deploy()' > "$work/out.$i" &
    callers+=($!)
done
wait "${callers[@]}"
is "$(cat "$work"/out.*)" '' 'of twenty deploys none fails'
is "$(run 'SELECT count(*), count(DISTINCT id) FROM ran')" '30|30' \
    'each migration has run once'
is "$(run "SELECT count(*), count(DISTINCT version) FROM migrate_history()
           WHERE action = 'apply' AND version ~ '^1[0-9][0-9]$'")" \
    '31|31' 'and stands in the history once'

finish
