#!/bin/bash
# Repair where calls commit: failures that are recorded, parts that are done,
# several schemas.  TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_repair

add()
{
    run "SELECT migrate_add('$1', \$up\$$2\$up\$, \$down\$${3:-}\$down\$)" \
        > /dev/null
}

plan()
{
    run "SELECT version, state, action FROM migrate_repair_plan(${1:-NULL})"
}

# ---- A failed attempt ----

add 1 'CREATE TABLE ran (what int)' 'SELECT 1/0'
add 2 'SELECT 1/0'
run 'CALL migrate_deploy()' > /dev/null
is "$(plan)" '2|failed|acknowledge' 'a failed attempt is in the plan'
run 'CALL migrate_revert()' > /dev/null
is "$(plan)" '1|failed|acknowledge
2|failed|acknowledge' 'so is one of a way back'
is "$(run "SELECT migrate_repair(NULL, 'the test is over')")" 2 \
    'both are acknowledged'
is "$(plan)" '' 'then there is nothing to repair'
is "$(run "SELECT version, state FROM migrate_status() ORDER BY 1")" \
    '1|applied
2|pending' 'and nothing has failed'
is "$(run "SELECT version, detail LIKE '%reason: the test is over'
           FROM migrate_history() WHERE action = 'acknowledge' ORDER BY 1")" \
    '1|t
2|t' 'the history says who, what and why'

# ---- A part is done ----

add 2 'BEGIN; INSERT INTO ran VALUES (1); COMMIT;
BEGIN; INSERT INTO ran VALUES (2); SELECT 1/0; COMMIT'
run 'CALL migrate_deploy()' > /dev/null
is "$(plan)" '2|half done|keep' 'what is half done is kept'
like "$(run "SELECT state, detail FROM migrate_status() WHERE version = '2'")" \
    '^failed|.*; 2 of its 7 statements are done$' 'the state says how far'
is "$(run "SELECT state, detail, hint LIKE 'CALL migrate_deploy() goes on%'
           FROM migrate_preflight() WHERE name LIKE 'half%'")" \
    'warning|2: 2 of its 7 statements are done|t' 'so does what is looked at'
like "$(run 'SELECT migrate_repair()')" \
    '^WARNING: .*half done, and left so: CALL migrate_deploy() goes on' \
    'a warning says what to do'
is "$(plan)" '2|half done|keep' 'it is as it was'
is "$(plan "'2'")" '2|half done|forget' 'by name it is forgotten'
run 'DELETE FROM ran' > /dev/null
is "$(run "SELECT migrate_repair('2', 'undone by hand')")" 1 'it is done'
add 2 'BEGIN; INSERT INTO ran VALUES (3); COMMIT;
BEGIN; INSERT INTO ran VALUES (4); COMMIT'
run 'CALL migrate_deploy()' > /dev/null
is "$(run 'SELECT string_agg(what::text, $$ $$ ORDER BY what) FROM ran')" \
    '3 4' 'the next call begins with the first statement'

# ---- What an acknowledged statement has left is still cleared away ----

run 'INSERT INTO ran VALUES (4)' > /dev/null
add 3 'CREATE UNIQUE INDEX CONCURRENTLY ran_once ON ran (what)'
run 'CALL migrate_deploy()' > /dev/null
is "$(run 'SELECT count(*) FROM pg_index WHERE NOT indisvalid')" 1 \
    'an invalid index is left'
is "$(plan)" '3|failed|acknowledge' 'its attempt has failed'
is "$(run 'SELECT migrate_repair()')" 1 'and is acknowledged'
run 'DELETE FROM ran WHERE what = 4' > /dev/null
run 'CALL migrate_deploy()' > /dev/null
is "$(run "SELECT indisvalid FROM pg_index
           WHERE indexrelid = 'ran_once'::regclass")" t \
    'the next call knows of it'

# ---- A function's call is undone as a whole ----

add 9 'SELECT 9'
run "UPDATE migrate_migration SET present = 0 WHERE version = '9'" > /dev/null
run 'BEGIN; SELECT migrate_repair(); ROLLBACK' > /dev/null
is "$(plan)" '9|withdrawn|remove' 'a repair is undone with its transaction'

# ---- Several schemas ----

run 'CREATE SCHEMA a; CREATE SCHEMA b' > /dev/null
run "SET migrate.target_schema = 'a'; SELECT migrate_stamp('9')" > /dev/null
run "UPDATE migrate_migration SET present = 1 WHERE version = '9';
     SET migrate.target_schema = 'a'; SELECT migrate_stamp('9');
     UPDATE migrate_migration SET present = 0 WHERE version = '9'" > /dev/null
is "$(run "SET migrate.target_schema = 'b';
           SELECT version, state, action FROM migrate_repair_plan()" |
      grep -v SET)" \
    '9|withdrawn|keep' 'what is applied in another schema is kept'
run "SET migrate.target_schema = 'b'; SELECT migrate_baseline('3')" > /dev/null
is "$(run "SET migrate.target_schema = 'b'; SELECT migrate_current()" |
      grep -v SET)" 3 'a baseline is of one schema'
is "$(run "SET migrate.target_schema = 'a'; SELECT migrate_current()" |
      grep -v SET)" 9 'and of no other'

# ---- Rights ----

run 'CREATE ROLE repairer; GRANT USAGE ON SCHEMA public TO repairer' > /dev/null
said=$(run 'SET ROLE repairer; SELECT migrate_repair()')
like "$said" 'permission denied for function migrate_repair' \
    'nobody else may repair'
said=$(run "SET ROLE repairer; SELECT migrate_baseline('1')")
like "$said" 'permission denied for function migrate_baseline' \
    'or declare a baseline'
run 'DROP OWNED BY repairer; DROP ROLE repairer' > /dev/null

finish
