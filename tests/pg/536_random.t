#!/bin/bash
# Random DDL: what it changes is what migrate_drift() tells; as a migration it
# leaves a record of what is there; a restored dump is told as the first was.
# MIGRATE_TEST_STATEMENTS says how many (100), MIGRATE_TEST_SEED where to begin.
# TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
folder=$(cd "$(dirname "$0")" && pwd)
count=${MIGRATE_TEST_STATEMENTS:-100}
seed=${MIGRATE_TEST_SEED:-20}
database=migrate_pg_random
copy=migrate_pg_random_copy
work=$(mktemp -d)
roles="migrate_kinds_owner migrate_kinds_reader random_one random_two"
forget()
{
    admin "DROP DATABASE IF EXISTS $copy"
    admin "DROP DATABASE IF EXISTS $database"
    for role in $roles; do
        admin "DROP ROLE IF EXISTS $role"
    done
    rm -rf "$work"
}
trap 'forget 2> /dev/null' EXIT
forget 2> /dev/null
mkdir -p "$work"
for role in $roles; do
    admin "CREATE ROLE $role"
done
admin "CREATE DATABASE $database"
run 'CREATE SCHEMA tool; CREATE EXTENSION migrate SCHEMA tool' > /dev/null

# One of every kind, then each statement: tried and undone; then run, four times
# of five as a migration.  One session, whose random numbers follow its seed.
{
    printf '%s\n' '\set schema app' '\i kinds.psql' '\i kinds_global.psql'
    printf '%s\n' "\\set seed $seed" '\i random_ddl.psql'
    echo "CREATE TEMP TABLE left_behind (number int, drift text[], equal boolean);
          SELECT tool.migrate_accept() \\g /dev/null"
    for ((i = 1; i <= count; i++)); do
        echo "SELECT pg_temp.try_ddl($i) AS statement \\gset"
        if [ $((i % 5)) -eq 0 ]; then
            printf '%s\n' ':statement;' 'SELECT tool.migrate_accept() \g /dev/null'
            equal=NULL
        else
            echo "SELECT tool.migrate_add('$i', :'statement') \\g /dev/null
                  SELECT tool.migrate_apply() \\g /dev/null"
            equal="tool.migrate_fingerprint('$i') = tool.migrate_fingerprint()"
        fi
        echo "INSERT INTO left_behind SELECT $i, pg_temp.drift_lines(), $equal;"
    done
    echo "\\pset null NULL
          \\o $work/wrong
          SELECT number, statement, wrong FROM tried WHERE wrong IS NOT NULL;
          \\o $work/left
          SELECT * FROM left_behind JOIN tried USING (number)
          WHERE drift IS NOT NULL OR NOT equal;
          \\o $work/tried
          SELECT number, statement FROM tried;"
} > "$work/script"
(cd "$folder" && PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t \
    -d "$database" -v ON_ERROR_STOP=1 -f "$work/script") > "$work/out" 2>&1
is "$?" 0 "$count statements from seed $seed on"
[ ! -s "$work/out" ] || tail -n 5 "$work/out" | sed 's/^/# /'
is "$(wc -l < "$work/tried" 2> /dev/null)" "$count" 'each was run'
is "$(cat "$work/wrong")" '' 'what differs is told, and nothing else'
is "$(cat "$work/left")" '' 'as a migration none of it is drift'

# ---- Dump and restore ----

# From version 18 on pg_dump does not write a name of a NOT NULL constraint that is
# the usual one; where another table has it by then, a number is put behind it.
usual="regexp_replace(%s, '_not_null[0-9]+\$', '_not_null')"
list="SELECT format('%s|%s|%s|%s', kind, ${usual/\%s/identity}, parent, definition)
      FROM tool.migrate_object WHERE kind <> 'record'
      ORDER BY kind COLLATE \"C\", identity COLLATE \"C\""
fingerprint=$(run 'SELECT tool.migrate_fingerprint()')
run "$list" > "$work/first"
pg_dump -Fc -d "$database" -f "$work/dump" 2> "$work/dump.err"
admin "CREATE DATABASE $copy"
pg_restore -d "$copy" "$work/dump" 2> "$work/restore.err"
# Version 13 hints at a setting of the server when a publication is made.
is "$(grep -hv wal_level "$work/dump.err" "$work/restore.err")" '' \
    'a dump is restored'
database=$copy
drift="SELECT kind, ${usual/\%s/object}, count(*), sum(CASE change WHEN 'added'
    THEN 1 WHEN 'removed' THEN -1 END) FROM tool.migrate_drift() GROUP BY 1, 2"
is "$(run "$drift" | grep -v '^constraint|.*_not_null|2|0$')" '' \
    'where nothing differs from what is recorded'
if [ -z "$(run "$drift")" ]; then
    is "$(run 'SELECT tool.migrate_fingerprint()')" "$fingerprint" \
        'with the same fingerprint'
fi
run "DELETE FROM tool.migrate_object; SELECT tool.migrate_accept()" > /dev/null
run "$list" > "$work/second"
is "$(diff "$work/first" "$work/second")" '' \
    'and what is listed afresh is what migrations have recorded'
database=migrate_pg_random

finish
