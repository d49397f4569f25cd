#!/bin/bash
# Expected results: lines for other servers, seals that are made in one database
# and held in another, migrations that take several transactions.
# TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_expect
copy=migrate_pg_expect_copy
forget()
{
    admin "DROP DATABASE IF EXISTS $copy" 2> /dev/null
    clean_up
    admin 'DROP ROLE IF EXISTS migrate_expect_owner' 2> /dev/null
}
trap forget EXIT
forget
mkdir -p "$work"
admin "CREATE DATABASE $database"
admin 'CREATE ROLE migrate_expect_owner'
run 'CREATE EXTENSION migrate' > /dev/null
major=$(($(run 'SHOW server_version_num') / 10000))
wrong=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

# add VERSION HEADER UP [DOWN]
add()
{
    run "SELECT migrate_add('$1', \$m\$$2
-- migrate:up
$3
-- migrate:down
${4-SELECT 1};\$m\$)" > /dev/null
}

# ---- Lines for others ----

add 1 "-- migrate:expect pg$((major - 1))/1:$wrong" 'CREATE TABLE one (id int)' \
    'DROP TABLE one'
said=$(say 'SELECT migrate_apply()')
like "$said" "^NOTICE: .*migration \"1\": the expected fingerprint pg$((major - 1))/1:$wrong is passed over: this engine writes schemas otherwise" \
    'a line for another major version is passed over, and that is said'
like "$said" '^1$' 'the migration is applied'
seal=$(run "SELECT migrate_seal('1')")
like "$seal" "^-- migrate:expect pg$major/1:[0-9a-f]*$" 'it is sealed'
run 'SELECT migrate_rollback()' > /dev/null
add 1 "-- migrate:expect sqlite/1:$wrong
-- migrate:expect pg$((major - 1))/1:$wrong
$seal
-- migrate:expect pg$major/2:$wrong" 'CREATE TABLE one (id int)' 'DROP TABLE one'
said=$(say 'SELECT migrate_apply()')
unlike "$said" 'passed over' 'nothing is said where one line is for this server'
like "$said" '^1$' 'which holds'

# ---- Elsewhere ----

# Owners, rights and where the extension is are no structure.
first=$database
admin "CREATE DATABASE $copy"
database=$copy
run "CREATE EXTENSION migrate;
     ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO migrate_expect_owner;
     GRANT CREATE ON SCHEMA public TO migrate_expect_owner" > /dev/null
add 1 "$seal" 'CREATE TABLE one (id int); ALTER TABLE one OWNER TO migrate_expect_owner' \
    'DROP TABLE one'
is "$(run 'SELECT migrate_apply()')" 1 \
    'a seal holds in another database, under other owners and rights'
run 'SELECT migrate_rollback(); CREATE TABLE hand (id int)' > /dev/null
like "$(run 'SELECT migrate_apply()')" \
    'the schema that it has led to is not the one that it expects' \
    'where another hand has been it does not'
is "$(run "SELECT to_regclass('one')")" '' 'and all of it is undone'
database=$first

# ---- Procedures ----

add 2 "-- migrate:expect pg$major/1:$wrong" \
    'CREATE TABLE two (id int); INSERT INTO one VALUES (1)'
add 3 '' 'CREATE TABLE three (id int)'
said=$(run 'CALL migrate_deploy()')
like "$said" '^ERROR:  55000: migration "2" .* is not the one that it expects' \
    'a procedure ends there'
like "$said" "^DETAIL:  It is pg$major/1:[0-9a-f]*, and pg$major/1:$wrong is expected" \
    'with both fingerprints'
is "$(run "SELECT to_regclass('two'), to_regclass('three');
           SELECT count(*) FROM one; SELECT count(*) FROM migrate_drift()")" \
    '|
0
0' 'nothing of it is left, and nothing behind it was run'
is "$(run "SELECT version, state FROM migrate_status()")" '1|applied
2|failed
3|pending' 'it is recorded as failed'

# What takes several transactions cannot be undone.
stages='INSERT INTO one VALUES (1);
CREATE INDEX CONCURRENTLY one_id ON one (id);
CREATE TABLE two (id int);'
add 2 "-- migrate:expect pg$major/1:$wrong" "$stages"
said=$(run 'CALL migrate_deploy()')
like "$said" 'is not the one that it expects' 'nor is one in several transactions'
like "$said" 'All its statements are done and stay so' 'whose statements stay'
is "$(run 'CALL migrate_deploy()' | head -n 1)" \
    'ERROR:  55000: migration "2" cannot be recorded: the schema that it has led to is not the one that it expects' \
    'and it is looked at again'
add 2 '' "$stages"
run 'CALL migrate_deploy()' > "$work/said"
is "$(run "SELECT version, state FROM migrate_status();
           SELECT count(*) FROM one; SELECT count(*) FROM migrate_drift()")" \
    '1|applied
2|applied
3|applied
1
0' 'without the line it is applied, and nothing ran twice'

finish
