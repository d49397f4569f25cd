#!/bin/bash
# The same traps as in 230_search_path.sql, for procedures, which cannot be
# called in that test's transaction.  TAP; PGHOST and PGUSER say which server.
set -u

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/pg/tap.sh
. ./tap.sh
begin migrate_pg_path

# Run SQL behind the traps, with the extension in the midst of them.
{
    cat << 'END'
\set QUIET on
\o /dev/null
\ir traps.psql
DROP EXTENSION migrate;
:hostile
CREATE EXTENSION migrate SCHEMA "first; -- ""in path";
\set m '"first; -- ""in path"'
SELECT :m.migrate_add('1', 'CREATE TABLE public.one (id pg_catalog.int4)',
                      'DROP TABLE public.one');
SELECT :m.migrate_add('2', 'CREATE INDEX CONCURRENTLY two ON public.one (id)',
                      'DROP INDEX CONCURRENTLY public.two');
SELECT :m.migrate_add('3', 'SELECT nothing');
:friendly
SELECT pg_temp.cast_traps('CREATE CAST (%s AS %s)
    WITH FUNCTION trap.%s AS IMPLICIT');
:hostile
\o
SELECT substr('a'::pg_catalog.bytea, 1, 2);
CALL :m.migrate_deploy();
SELECT :m.migrate_add('3', 'SELECT 3', 'SELECT 3');
CALL :m.migrate_deploy();
SELECT pg_catalog.to_regclass('public.two'), :m.migrate_current();
CALL :m.migrate_revert();
CALL :m.migrate_revert('base');
SELECT pg_catalog.to_regclass('public.one'), :m.migrate_current();
CALL :m.migrate_deploy_all('publi_');
SELECT target, version, pending FROM :m.migrate_targets();
END
} > "$work/calls.sql"
cp traps.psql "$work"
mapfile -t said < <(psql -X -A -t -v VERBOSITY=terse -d "$database" \
    -f "$work/calls.sql" 2>&1 | sed 's/^psql:[^ ]* //' |
    grep -v '^NOTICE\|^WARNING')

is "${said[0]-}" 'ERROR:  trapped by first; -- "in path.substr' \
    'the traps are sharp'
is "${said[1]-}" \
    'ERROR:  migration "3" failed at line 1: column "nothing" does not exist' \
    'a failure of its own'
is "${said[2]-}" 1 'which is recorded, so that it can be put right'
is "${said[3]-}" 'two|3' 'all is deployed, what no transaction can hold too'
is "${said[4]-}" '|' 'and reverted'
is "${said[5]-}" '||3' 'a schema of its own'
is "${said[6]-}" 'public|3|0' 'has all deployed'
is "${#said[@]}" 7 'nothing else is said'

finish
