#!/bin/bash
# Dumped, restored in a new cluster, and gone on with.  TAP.
set -u
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

export PGCLIENTENCODING=UTF8

# The restored database goes on: apply what is pending, back to the beginning
# with texts that only the dump has, and forward again.
goes_on()
{
    is "$(sql new "$2" "$1" "SELECT $3.migrate_apply()")" 2 \
        "$4: apply goes on"
    is "$(sql new "$2" "$1" "SELECT count(*) - max(a.seq)
              FROM $3.migrate_event a LEFT JOIN $3.migrate_event b
              ON b.seq = a.seq - 1 AND b.hash = a.previous_hash
              WHERE a.seq = 1 OR b.seq IS NOT NULL")" 0 \
        "$4: the new rows are chained to the old ones"
    is "$(sql new "$2" "$1" "SELECT to_regclass('app.one_id')" \
        "CALL $3.migrate_revert('3')" "SELECT $3.migrate_rollback('base')" \
        "SELECT to_regclass('app.one'), to_regclass('app.\"z w ö\"')" |
        paste -sd' ')" 'app.one_id 3 |' \
        "$4: what was done before the dump is undone"
    is "$(sql new "$2" "$1" "CALL $3.migrate_deploy()" \
        'SELECT note FROM app."z w ö"')" "$note" \
        "$4: and all can be applied anew"
}

# Restored with everything: restored DATABASE USER SCHEMA NAME
restored()
{
    is "$(knowledge new "$1" "$3")" "$(knowledge old "$source" "$3")" \
        "$4: all rows are there"
    is "$(rights new "$1" "$3")" "$(rights old "$source" "$3")" \
        "$4: and all rights"
    goes_on "$@"
}

# A program of PostgreSQL's; what it says on stderr is no good sign.
quiet()
{
    local said name=$1
    shift
    said=$("$bindir/$1" "${@:2}" 2>&1 > /dev/null)
    is "$?$said" 0 "$name"
}

note="tab	back\\slash 'quote' ünï"
# shellcheck disable=SC2016
migrations files \
    1_one.sql '-- migrate:up
CREATE TABLE app.one (id int PRIMARY KEY);
INSERT INTO app.one VALUES (1), (2);
-- migrate:down
DROP TABLE app.one;' \
    2_two.sql "-- migrate:up
CREATE TABLE app.\"z w ö\" (note text);
INSERT INTO app.\"z w ö\" VALUES ('${note//\'/\'\'}');
-- migrate:down
/* \\. is no end of data; nor is this: $(printf '\r') */
DROP TABLE app.\"z w ö\";" \
    3_three.sql '-- migrate:up
CREATE FUNCTION app.${name}() RETURNS int LANGUAGE sql AS $$ SELECT 3 $$;
-- migrate:down
DROP FUNCTION app.${name}();' \
    3.5_index.sql '-- migrate:up
CREATE INDEX CONCURRENTLY one_id ON app.one (id);
-- migrate:down
DROP INDEX CONCURRENTLY app.one_id;' \
    4_four.sql '-- migrate:up
ALTER TABLE app.one ADD COLUMN four int;
-- migrate:down
ALTER TABLE app.one DROP COLUMN four;' \
    R__view.sql 'CREATE OR REPLACE VIEW app.v AS SELECT 1 AS one;'

# A database that has a history: make_history DATABASE USER SCHEMA
make_history()
{
    must old "$2" "$1" "CREATE SCHEMA IF NOT EXISTS $3" 'CREATE SCHEMA app' \
        "CREATE EXTENSION migrate SCHEMA $3" \
        "SELECT $3.migrate_config('var.name', 'three')" \
        "SELECT $3.migrate_config('environment', 'a ''test''')" \
        "GRANT USAGE ON SCHEMA $3 TO deployer" \
        "GRANT EXECUTE ON FUNCTION $3.migrate_apply(text),
             $3.migrate_rollback(text) TO deployer" \
        "SELECT $3.migrate_up('$work/files', '3')" \
        "SELECT $3.migrate_rollback()" "CALL $3.migrate_deploy('3.5')"
}

server old "migrate.directories=$work/files"
must old postgres postgres 'CREATE ROLE shop LOGIN' 'CREATE ROLE deployer' \
    'CREATE DATABASE plain' 'CREATE DATABASE owned OWNER shop'
make_history plain postgres public
make_history owned shop '"Mig Rate"'
server new

# ---- pg_dumpall, which also makes the roles ----

"$bindir/pg_dumpall" -h "$work/old" -U postgres > "$work/all.sql"
"$bindir/psql" -X -q -h "$work/new" -U postgres -d postgres \
    -f "$work/all.sql" > /dev/null 2> "$work/all.err"
is "$(grep ERROR "$work/all.err" | grep -v "permission denied for function" |
    sed 's/.*ERROR: *//')" 'role "postgres" already exists' \
    'pg_dumpall: all is restored'
source=plain
restored plain postgres public pg_dumpall

# ---- An extension of a superuser ----

for format in plain custom directory; do
    database=plain_$format
    must new postgres postgres "CREATE DATABASE $database"
    options=()
    [ $format != directory ] || options=(-j 2)
    quiet "pg_dump, $format" pg_dump -h "$work/old" -U postgres \
        -F "$format" "${options[@]}" -f "$work/$format" plain
    if [ $format = plain ]; then
        quiet 'psql restores' psql -X -q -1 -v ON_ERROR_STOP=1 \
            -h "$work/new" -U postgres -d "$database" -f "$work/plain"
    else
        [ $format != custom ] || options=(-j 4)
        quiet "pg_restore ${options[*]}" pg_restore -e -h "$work/new" \
            -U postgres -d "$database" "${options[@]}" "$work/$format"
    fi
    [ $format != custom ] ||
        quiet 'again, over what is there' pg_restore -e --clean --if-exists \
            -h "$work/new" -U postgres -d "$database" "$work/$format"
    restored $database postgres public "$format"
done

# By somebody who may do nothing but read
if [ "$major" -ge 14 ]; then
    must old postgres postgres 'CREATE ROLE reader LOGIN' \
        'GRANT pg_read_all_data TO reader'
    quiet "a reader's pg_dump" pg_dump -h "$work/old" -U reader \
        -f "$work/reader" plain
    is "$(grep -v restrict "$work/plain" | diff - "$work/reader" |
        grep -v 'restrict\|^[0-9,]*[acd]')" '' 'says the same'
fi

# ---- An extension of the database's owner, who is no superuser ----

source=owned
for format in plain custom; do
    database=owned_$format
    must new postgres postgres "CREATE DATABASE $database OWNER shop"
    quiet "the owner's pg_dump, $format" pg_dump -h "$work/old" -U shop \
        -F "$format" -f "$work/owned.$format" owned
    if [ $format = plain ]; then
        quiet 'the owner restores' psql -X -q -1 -v ON_ERROR_STOP=1 \
            -h "$work/new" -U shop -d "$database" -f "$work/owned.plain"
    else
        quiet 'the owner restores, -j' pg_restore -e -j 4 -h "$work/new" \
            -U shop -d "$database" "$work/owned.custom"
    fi
    restored $database shop '"Mig Rate"' "owner, $format"
done

# A superuser restores it in the owner's name.
must new postgres postgres 'CREATE DATABASE owned_role OWNER shop'
quiet "a superuser's pg_dump of it" pg_dump -h "$work/old" -U postgres \
    -F custom -f "$work/owned.super" owned
quiet 'pg_restore --role' pg_restore -e --role=shop -h "$work/new" \
    -U postgres -d owned_role "$work/owned.super"
restored owned_role shop '"Mig Rate"' 'owner, --role'

# In his own name the extension is his: rights to it must be given again.
must new postgres postgres 'CREATE DATABASE owned_super OWNER shop'
"$bindir/pg_restore" -h "$work/new" -U postgres -d owned_super \
    "$work/owned.super" 2> "$work/restore.err"
is "$(grep 'ERROR:' "$work/restore.err" | sed 's/.*ERROR: *//' | sort -u |
    sed 's/migrate_[a-z]*/.../' | sort -u)" \
    'permission denied for function ...' \
    'restored as a superuser: what the owner granted is refused'
is "$(knowledge new owned_super '"Mig Rate"')" \
    "$(knowledge old owned '"Mig Rate"')" 'but all rows are there'
must new postgres owned_super \
    'GRANT EXECUTE ON ALL ROUTINES IN SCHEMA "Mig Rate" TO shop
         WITH GRANT OPTION' \
    "DO 'DECLARE t regclass; BEGIN
         FOR t IN SELECT unnest(extconfig) FROM pg_extension
                  WHERE extname = ''migrate''
         LOOP EXECUTE format(''ALTER TABLE %s OWNER TO shop'', t); END LOOP;
     END'"
goes_on owned_super shop '"Mig Rate"' 'superuser, rights given again'

# ---- Without rows, and rows alone ----

must new postgres postgres 'CREATE DATABASE shape' 'CREATE DATABASE parts'
"$bindir/pg_dump" -h "$work/old" -U postgres --schema-only -f "$work/shape" plain
for database in shape parts; do
    quiet '--schema-only' psql -X -q -1 -v ON_ERROR_STOP=1 -h "$work/new" \
        -U postgres -d $database -f "$work/shape"
done
quiet '--data-only' pg_restore -e -a -h "$work/new" -U postgres -d parts \
    "$work/custom"
is "$(knowledge new parts public)" "$(knowledge old plain public)" \
    'the rows can come later'
is "$(sql new postgres shape \
    'SELECT count(*) FROM migrate_history()' \
    'SELECT count(*) FROM migrate_status()' \
    "SELECT to_regclass('app.one') IS NOT NULL")" "$(printf '0\n0\nt')" \
    'the tables of the migrations are there, the history is not'
is "$(sql new postgres shape "SELECT migrate_config('var.name', 'three')" \
    "SELECT migrate_load('$work/files')" "SELECT migrate_stamp('3.5')" \
    'SELECT migrate_apply()' "CALL migrate_revert('base')" \
    "SELECT to_regclass('app.one') IS NULL" | paste -sd' ')" 'three 6 4 2 t' \
    'load and stamp put it right'

finish
