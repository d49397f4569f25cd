#!/bin/bash
# pg_upgrade to a new cluster, and on with apply and rollback.  The server is of
# the same version, which takes the same way as another one.  TAP.
set -u
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

[ -x "$bindir/pg_upgrade" ] || {
    echo '1..0 # SKIP pg_upgrade is not installed'
    exit 0
}

migrations files 1_one.sql '-- migrate:up
CREATE TABLE app.one (id int PRIMARY KEY, note text);
INSERT INTO app.one SELECT 1, repeat(version(), 10000);
-- migrate:down
DROP TABLE app.one;' 2_two.sql '-- migrate:up
CREATE TYPE app.two AS ENUM ();
ALTER TABLE app.one ADD COLUMN two app.two;
-- migrate:down
ALTER TABLE app.one DROP COLUMN two;
DROP TYPE app.two;' 3_three.sql '-- migrate:up
CREATE INDEX three ON app.one (two);
-- migrate:down
DROP INDEX app.three;'

# make_history DATABASE USER SCHEMA
make_history()
{
    must old "$2" "$1" "CREATE SCHEMA IF NOT EXISTS $3" 'CREATE SCHEMA app' \
        "CREATE EXTENSION migrate SCHEMA $3" \
        "SELECT $3.migrate_config('var.name', 'value')" \
        "GRANT USAGE ON SCHEMA $3 TO deployer" \
        "GRANT EXECUTE ON FUNCTION $3.migrate_apply(text) TO deployer" \
        "SELECT $3.migrate_up('$work/files', '2')" \
        "SELECT $3.migrate_redo()"
}

# What belongs to the extension, and what of it is dumped.  The extension itself
# is afterwards the superuser's, as everybody's is.
members()
{
    sql "$1" postgres "$2" "
        SELECT pg_describe_object(classid, objid, objsubid) FROM pg_depend d
        JOIN pg_extension e ON d.refobjid = e.oid
        WHERE extname = 'migrate' AND refclassid = 'pg_extension'::regclass
          AND deptype = 'e' ORDER BY 1" "
        SELECT extnamespace::regnamespace, extversion,
               extconfig::regclass[], extcondition FROM pg_extension
        WHERE extname = 'migrate'"
}

server old "migrate.directories=$work/files"
must old postgres postgres 'CREATE ROLE shop LOGIN' 'CREATE ROLE deployer' \
    'CREATE DATABASE plain' 'CREATE DATABASE owned OWNER shop'
make_history plain postgres public
make_history owned shop '"Mig Rate"'
for database in plain owned; do
    schema=public
    [ $database = plain ] || schema='"Mig Rate"'
    knowledge old $database "$schema" > "$work/$database.knowledge"
    rights old $database "$schema" > "$work/$database.rights"
    members old $database > "$work/$database.members"
    sql old postgres $database "SELECT $schema.migrate_fingerprint()" \
        > "$work/$database.fingerprint"
done
# What is decided of one server is not of the other.
must old shop owned "SELECT \"Mig Rate\".migrate_config('watch', 'block')"
must old postgres owned 'CREATE TABLE app.seen (id int)' 'DROP TABLE app.seen'
knowledge old owned '"Mig Rate"' > "$work/owned.knowledge"
"$cluster" halt "$work/old"
server new
"$cluster" halt "$work/new"

"$cluster" as "$work/new" "$bindir/pg_upgrade" -b "$bindir" -B "$bindir" \
    -d "$work/old/data" -D "$work/new/data" -U postgres -s "$work/new" -j 2 \
    > "$work/upgrade.log" 2>&1 || bail "$(cat "$work/upgrade.log")"
is $? 0 'pg_upgrade'
"$cluster" resume "$work/new" || bail 'no server'

# goes_on DATABASE USER SCHEMA
goes_on()
{
    is "$(knowledge new "$1" "$3" | diff - "$work/$1.knowledge")" '' \
        "$1: all rows are there"
    is "$(rights new "$1" "$3" | diff - "$work/$1.rights")" '' \
        "$1: and all rights"
    is "$(members new "$1" | diff - "$work/$1.members")" '' \
        "$1: and all that belongs to the extension"
    is "$(sql new "$2" "$1" "SELECT * FROM $3.migrate_drift()" \
        "SELECT $3.migrate_fingerprint()")" "$(cat "$work/$1.fingerprint")" \
        "$1: the schema is as recorded, and has its fingerprint"
    is "$(sql new "$2" "$1" "SELECT $3.migrate_apply()" \
        "SELECT $3.migrate_rollback('base')" "SELECT to_regclass('app.one')" \
        "SELECT $3.migrate_apply('2')" | paste -sd' ')" '1 3  2' \
        "$1: it goes on, to the beginning and forward again"
    is "$("$bindir/pg_dump" -h "$work/new" -U "$2" "$1" |
        grep -c '^COPY .*\.migrate_')" \
        "$(sql new postgres "$1" "SELECT cardinality(extconfig)
           FROM pg_extension WHERE extname = 'migrate'")" \
        "$1: pg_dump carries each table"
}
is "$(sql new shop owned 'SELECT count(*) FROM "Mig Rate".migrate_foreign_ddl()' \
    'CREATE TABLE app.free (id int)' 'DROP TABLE app.free' \
    'SELECT count(*) FROM "Mig Rate".migrate_foreign_ddl()' \
    "SELECT value, source FROM \"Mig Rate\".migrate_settings() WHERE name = 'watch'")" \
    $'2\n2\noff|another database' 'nothing is watched until somebody says so'
goes_on plain postgres public
goes_on owned shop '"Mig Rate"'
is "$(sql new postgres owned 'DROP EXTENSION migrate' \
    "SELECT to_regclass('\"Mig Rate\".migrate_event'), to_regclass('app.one')")" \
    '|app.one' 'the extension can be dropped'

finish
