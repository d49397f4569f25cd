#!/bin/bash
# Hooks in procedures: a commit each, failures, stages, many schemas.  TAP;
# PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_hooks

# file NAME TEXT
file() { mkdir -p "$work/m"; printf '%s\n' "$2" > "$work/m/$1.sql"; }
load() { chmod -R a+rX "$work"; run "SELECT migrate_load('$work/m')"; }
log() { run "SELECT string_agg(what, ' ' ORDER BY at) FROM log"; }

note() { echo "INSERT INTO log (what) VALUES ('$1')"; }

run 'CREATE TABLE log (at serial, what text, xid bigint DEFAULT txid_current())'
file V1__one "$(note 1)"
file V2__two "$(note 2)"
file U2__two "$(note back)"
file beforeMigrate "$(note before)"
file beforeEachMigrate "SET work_mem = '77MB'; $(note '<')"
file afterEachMigrate "$(note '>')"
file afterMigrate "$(note after)"
file beforeUndo "$(note undo)"
is "$(load)" 7 'hooks are loaded'
said=$(say 'CALL migrate_deploy()')
like "$said" 'ran hook beforeMigrate' 'it says that a hook was run'
like "$said" '2 migrations applied' 'hooks are not counted'
is "$(log)" 'before < 1 > < 2 > after' 'they run in their places'
is "$(run 'SELECT count(DISTINCT xid) FROM log')" 4 \
    'one before or behind the run has a transaction of its own'
run 'CALL migrate_deploy()' > /dev/null
is "$(log)" 'before < 1 > < 2 > after' 'with nothing to run none runs'
run 'TRUNCATE log; CALL migrate_revert()' > /dev/null
is "$(log)" 'undo back' 'those of rolling back'
run 'TRUNCATE log; CALL migrate_deploy()' > /dev/null

# ---- What no transaction can hold ----

file afterMigrate "VACUUM log; $(note vacuumed)"
file V3__index "$(note 3);
CREATE INDEX CONCURRENTLY log_what ON log (what);
INSERT INTO log (what) VALUES (current_setting('work_mem'))"
load > /dev/null
run 'TRUNCATE log; CALL migrate_deploy()' > /dev/null
is "$(log)" 'before < 3 77MB > vacuumed' \
    'hooks stand around the transactions of a migration, and have their own'
is "$(run "SELECT version, outcome FROM migrate_history()
           WHERE action = 'hook' ORDER BY seq DESC LIMIT 2")" \
    "afterMigrate|ok
afterMigrate|done" 'a hook has stages'
file afterEachMigrate 'VACUUM log'
file V4__four "$(note 4)"
load > /dev/null
said=$(run 'CALL migrate_deploy()')
like "$said" 'migration "4": hook "afterEachMigrate" failed at line 1: VACUUM cannot run inside a transaction' \
    'one of each migration cannot hold that'
file V4__four "$(note 4)
;CREATE INDEX CONCURRENTLY nowhere ON nothing (x)"
file afterEachMigrate "$(note '>')"
load > /dev/null
run 'TRUNCATE log; CALL migrate_deploy()' > /dev/null
file V4__four "$(note 4)
;CREATE INDEX CONCURRENTLY log_at ON log (at)"
load > /dev/null
run 'CALL migrate_deploy()' > /dev/null
is "$(log)" 'before < 4 before > vacuumed' \
    'what is gone on with has run the hook before it already'

# ---- Failures ----

file beforeMigrate 'SELECT 1/0'
file V5__five "$(note 5)"
load > /dev/null
run TRUNCATE\ log > /dev/null
like "$(run 'CALL migrate_deploy()')" \
    '^ERROR:  22012: hook "beforeMigrate" failed at line 1: division by zero' \
    'a hook fails with its SQLSTATE'
is "$(run "SELECT coalesce(string_agg(what, ' '), '') FROM log")" '' \
    'nothing was run'
is "$(run "SELECT action, version, outcome FROM migrate_history()
           ORDER BY seq DESC LIMIT 1")" 'hook|beforeMigrate|failed' \
    'the attempt is in the history'
file beforeMigrate "$(note before)"
file afterMigrate 'SELECT 1/0'
load > /dev/null
like "$(run 'SELECT migrate_apply()')" 'hook "afterMigrate" failed' \
    'in a function one behind the run undoes all'
is "$(run "SELECT state FROM migrate_status() WHERE version = '5'")" pending \
    'also the migration'
like "$(run 'CALL migrate_deploy()')" 'hook "afterMigrate" failed' \
    'in a procedure'
is "$(log)" 'before < 5 >' 'what was before it stays'

# ---- Others at the same time ----

file V6__six "$(note 6); SELECT pg_sleep(0.5)"
file V7__seven "$(note 7)"
file afterMigrate "$(note after)"
load > /dev/null
run 'TRUNCATE log' > /dev/null
run 'CALL migrate_deploy()' > /dev/null &
run 'CALL migrate_deploy()' > /dev/null &
wait
is "$(log)" 'before < 6 > < 7 > after' 'of two runs one runs the hooks'

# ---- Many schemas ----

run 'CREATE SCHEMA s1; CREATE SCHEMA s2;
     CREATE TABLE s1.log (LIKE log INCLUDING ALL);
     CREATE TABLE s2.log (LIKE log INCLUDING ALL)' > /dev/null
rm "$work"/m/V[34]*
load > /dev/null
run "CALL migrate_deploy_all('s_')" > /dev/null
is "$(run "SELECT string_agg(what, ' ' ORDER BY at), count(DISTINCT xid)
           FROM s1.log")" \
    'before < 1 > < 2 > < 5 > < 6 > < 7 > after|1' \
    'each schema has its hooks, in its one transaction'
is "$(run "SELECT count(*) FROM s2.log")" 17 'so has the other'

finish
