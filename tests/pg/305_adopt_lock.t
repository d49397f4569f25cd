#!/bin/bash
# Adopting while the other tool runs.  TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
# Not what the proof of each adoption finds: the tables of the migrations are
# not there.
export PGOPTIONS='-c client_min_messages=error'
begin migrate_pg_adopt_lock

run "SELECT migrate_add('1', 'CREATE TABLE one (id int)');
     SELECT migrate_add('2', 'CREATE TABLE two (id int)');
     CREATE TABLE goose_db_version (id serial PRIMARY KEY,
         version_id bigint NOT NULL, is_applied boolean NOT NULL,
         tstamp timestamp NOT NULL DEFAULT now());
     INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true)" > /dev/null

# A session that holds what it is told to, until it is ended.
hold()
{
    mkfifo "$work/hold"
    : > "$work/holder"
    psql -X -q -A -t -d "$database" < "$work/hold" > "$work/holder" 2>&1 &
    holder=$!
    exec 3> "$work/hold"
    printf '%s;\n\\echo held\n' "$1" >&3
    until grep -q held "$work/holder"; do
        sleep 0.05
    done
}

let_go()
{
    exec 3>&-
    wait "$holder"
    rm "$work/hold"
}

hold 'SELECT pg_advisory_lock(4097083626)'
said=$(run 'SELECT migrate_adopt()')
like "$said" '^ERROR:  55P03: "goose" is migrating this database' \
    'its advisory lock, held, stops an adoption'
like "$said" 'DETAIL:  Advisory lock 4097083626' 'and is named'
is "$(run "SELECT count(*) FROM migrate_status() WHERE state = 'applied'")" 0 \
    'nothing is recorded then'
is "$(run "SELECT count(*) FROM migrate_adopt_report()
           WHERE state = 'matched'")" 1 'the report does not wait for it'
let_go
is "$(run 'SELECT migrate_adopt()')" 1 'it goes on when that is given back'

# A table's lock.
run "DROP TABLE goose_db_version; SELECT migrate_stamp('base');
     CREATE TABLE schema_migrations (version bigint PRIMARY KEY,
                                     inserted_at timestamp(0));
     INSERT INTO schema_migrations VALUES (1, '2999-01-01')" > /dev/null
hold 'BEGIN; LOCK TABLE schema_migrations IN SHARE UPDATE EXCLUSIVE MODE'
like "$(run 'SELECT migrate_adopt()')" \
    '^ERROR:  55P03: "ecto" is migrating this database' \
    'and so does a lock on its table'
let_go
is "$(run 'SELECT migrate_adopt()')" 1 'until it is gone'

# A lock's row that is about to be written.
run "DROP TABLE schema_migrations; SELECT migrate_stamp('base');
     CREATE TABLE knex_migrations (id int, name text, batch int,
                                   migration_time timestamptz);
     CREATE TABLE knex_migrations_lock (index int, is_locked int);
     INSERT INTO knex_migrations VALUES (1, '1', 1, '2999-01-01');
     INSERT INTO knex_migrations_lock VALUES (1, 0)" > /dev/null
hold 'BEGIN; UPDATE knex_migrations_lock SET is_locked = 1'
like "$(run 'SELECT migrate_adopt()')" \
    '^ERROR:  55P03: "knex" is migrating this database' \
    'a row that is being taken is seen'
let_go
is "$(run 'SELECT migrate_adopt()')" 1 'and when it was not taken after all'

# Who waits for our lock sees what was committed meanwhile.
run "SELECT migrate_stamp('base')" > /dev/null
hold "BEGIN; SELECT migrate_add('3', 'SELECT 3')"
run 'SELECT migrate_adopt()' > "$work/waiter" &
waiter=$!
wait_until "SELECT count(*) = 1 FROM pg_locks
            WHERE NOT granted AND locktype = 'object'"
run "INSERT INTO knex_migrations VALUES (2, '3', 2, '2999-01-01')" > /dev/null
echo 'COMMIT;' >&3
wait "$waiter"
is "$(cat "$work/waiter")" 2 'rows and migrations that came while it waited count'
let_go

finish
