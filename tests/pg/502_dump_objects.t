#!/bin/bash
# The list of objects, in a database that was restored, and while others change
# the schema.  TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
folder=$(cd "$(dirname "$0")" && pwd)
begin migrate_pg_listed
copy=migrate_pg_listed_copy
forget()
{
    admin "DROP DATABASE IF EXISTS $copy"
    admin "DROP DATABASE IF EXISTS $database"
    admin 'DROP ROLE IF EXISTS migrate_kinds_owner'
    admin 'DROP ROLE IF EXISTS migrate_kinds_reader'
    clean_up
}
forget_quietly()
{
    forget 2> /dev/null
}
trap forget_quietly EXIT
admin "DROP DATABASE IF EXISTS $copy" 2> /dev/null
for role in owner reader; do
    admin "DROP ROLE IF EXISTS migrate_kinds_$role" 2> /dev/null
    admin "CREATE ROLE migrate_kinds_$role"
done

# A file of SQL in the test's database.
include()
{
    (cd "$folder" && PGOPTIONS='-c client_min_messages=error' psql -X -q \
        -v ON_ERROR_STOP=1 "${@:2}" -d "$database" -f "$1")
}

# ---- Dump and restore ----

include kinds.psql -v schema=app
include kinds_other.psql -v 'schema=Other one'
include kinds_global.psql
run 'SELECT migrate_accept()' > /dev/null
fingerprint=$(run 'SELECT migrate_fingerprint()')
like "$fingerprint" '^pg[0-9]*/1:[0-9a-f]*$' 'a fingerprint'

first=$database
admin "CREATE DATABASE $copy"
pg_dump -d "$first" > "$work/dump.sql" 2> "$work/dump.err"
PGOPTIONS='-c client_min_messages=error' psql -X -q -d "$copy" \
    -f "$work/dump.sql" > /dev/null 2> "$work/restore.err"
is "$(grep -hv 'wal_level' "$work/dump.err" "$work/restore.err")" '' \
    'a dump is restored'
database=$copy
is "$(run 'SELECT kind, object, change, expected, actual FROM migrate_drift()')" \
    '' 'what is recorded is there'
is "$(run 'SELECT migrate_fingerprint()')" "$fingerprint" \
    'and has the same fingerprint'
run 'ALTER TABLE app.quick SET (fillfactor = 33)' > /dev/null
is "$(run 'SELECT kind, object, change FROM migrate_drift()')" \
    'table|app.quick|changed' 'which is looked at'
database=$first

# ---- Others who change the schema meanwhile ----

# What it makes and drops is told or not, but never an error.
churn="CREATE TYPE churn_type AS ENUM ('a');
    CREATE FUNCTION churn_f(churn_type) RETURNS int LANGUAGE sql IMMUTABLE
        AS 'SELECT 1';
    CREATE TABLE churn_t (a churn_type DEFAULT 'a', b int DEFAULT churn_f('a'),
        CHECK (churn_f(a) > 0));
    CREATE INDEX churn_i ON churn_t (churn_f(a)) WHERE churn_f(a) > 1;
    CREATE VIEW churn_v AS SELECT churn_f(a) FROM churn_t;
    CREATE POLICY churn_p ON churn_t USING (churn_f(a) = 1);
    DROP TYPE churn_type CASCADE;
    DROP TABLE churn_t;"
for _ in 1 2; do
    (
        schema=churn_$BASHPID
        {
            echo "SET client_min_messages = error; CREATE SCHEMA $schema;
                SET search_path = $schema;"
            while [ ! -e "$work/enough" ]; do
                printf '%s\n' "$churn"
            done
        } | psql -X -q -d "$database" > "$work/churn.$schema" 2>&1
    ) &
done
for _ in $(seq 100); do
    echo 'SELECT count(*) >= 0 FROM migrate_drift();'
done | psql -X -q -A -t -d "$database" > "$work/listed" 2>&1
touch "$work/enough"
wait
is "$(sort -u "$work/listed")" t 'what vanishes meanwhile is no error'
is "$(cat "$work"/churn.*)" '' 'and nobody was disturbed'

finish
