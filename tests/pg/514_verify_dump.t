#!/bin/bash
# A dump that is restored, as text and as an archive, also under another owner:
# the history holds, and is the one that was exported.
# TAP; PGHOST and PGUSER say which server.
set -u

from=migrate_pg_verify_from
to=migrate_pg_verify_to
work=$(mktemp -d)
chmod 755 "$work"
tests=0

admin()
{
    psql -X -q -c "$1" postgres
}

# run DATABASE SQL: prints bare values.
run()
{
    PGOPTIONS='-c client_min_messages=error' \
        psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" "${@:3}" <<< "$2"
}

finish()
{
    for database in $from $to; do
        admin "DROP DATABASE IF EXISTS $database" 2> /dev/null
    done
    rm -rf "$work"
}
trap finish EXIT

# is GOT WANTED NAME
is()
{
    tests=$((tests + 1))
    if [ "$1" = "$2" ]; then
        echo "ok $tests - $3"
    else
        echo "not ok $tests - $3"
        printf '%s\n' "got: $1" "wanted: $2" | head -n 40 | sed 's/^/#   /'
    fi
}

fresh()
{
    admin "DROP DATABASE IF EXISTS $1" 2> /dev/null
    admin "CREATE DATABASE $1"
}

fresh $from
run $from "
CREATE EXTENSION migrate;
CREATE SCHEMA tenant;
SELECT migrate_add('1', E'-- migrate:up\nCREATE TABLE one (id int);\n'
    '-- migrate:down\nDROP TABLE one;\n'
    '-- migrate:verify\nSELECT count(*) >= 0 FROM one');
SELECT migrate_add('2', 'CREATE TABLE two (n text DEFAULT ''é'')',
                   'DROP TABLE two');
SET migrate.target_schema = 'tenant';
SELECT migrate_apply();
RESET migrate.target_schema;
SELECT migrate_apply();
SELECT migrate_redo();
SET migrate.target_schema = 'tenant';
SET migrate.project = 'second';
SELECT migrate_add('1', 'CREATE TABLE three (id int)');
SELECT migrate_apply();" > "$work/made" 2>&1
is "$(run $from 'SELECT * FROM migrate_verify()')" "" 'all is well before'
run $from 'SELECT migrate_export_history()' > "$work/export"
is "$(wc -l < "$work/export" | tr -d ' ')" 10 'the export has 8 events, 2 heads'
is "$(python3 ../core/history_hash.py "$work/export")" 'the history is whole' \
    'which a program without the extension can check'

for format in plain custom; do
    fresh $to
    if [ $format = plain ]; then
        pg_dump "$from" | psql -X -q -v ON_ERROR_STOP=1 -d $to > "$work/out" 2>&1
    else
        pg_dump -Fc -f "$work/dump" "$from" &&
            pg_restore -O -d $to "$work/dump" > "$work/out" 2>&1
    fi
    is "$?" 0 "$format: a dump is restored"
    is "$(run $to 'SELECT * FROM migrate_verify()')" "" "$format: all is well"
    is "$(run $to "SELECT * FROM migrate_verify(:'head')" \
        -v head="$(cat "$work/export")")" "" \
        "$format: it is the exported history"
    is "$(run $to "SET migrate.target_schema = 'tenant';
                   SELECT * FROM migrate_verify()")" "" "$format: in a schema"
    is "$(run $to "SET migrate.project = 'second';
                   SET migrate.target_schema = 'tenant';
                   SELECT * FROM migrate_verify()")" "" "$format: of another project"
done

# What was written after the dump was made is not in the copy.
run $from "SELECT migrate_config('environment', 'x')" > /dev/null
is "$(run $to "SELECT kind, object, problem FROM migrate_verify(:'head')" \
    -v head="$(run $from 'SELECT migrate_export_history()' | tail -n 2)")" \
    'history|event 7|is in the head and not in the history' \
    'an older copy is told from the newest by the last lines'
# An edit by who may: the tables' owner.
run $to "UPDATE migrate_event SET actor = 'x' WHERE seq = 2" > /dev/null
is "$(run $to "SELECT DISTINCT kind, problem FROM migrate_verify()
               WHERE kind = 'history'")" \
    'history|was edited: its hash is not that of its columns' 'an edit shows'

echo "1..$tests"
