#!/bin/bash
# What roles can do in sessions of their own: settings that are made before the
# module is loaded, and texts that wait for a superuser.  TAP.
set -u
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

migrations files 1_one.sql 'CREATE TABLE one (id int);'
migrations later 1_one.sql 'CREATE TABLE one (id int);' \
    2_two.sql 'CREATE TABLE two (id int);'
server one
must one postgres postgres 'CREATE ROLE owner LOGIN' 'CREATE ROLE low LOGIN' \
    'CREATE ROLE reader LOGIN' 'GRANT pg_read_server_files TO reader' \
    'CREATE DATABASE app OWNER owner'
must one postgres app 'GRANT ALL ON SCHEMA public TO owner, low, reader'
must one owner app 'CREATE EXTENSION migrate' \
    'GRANT EXECUTE ON FUNCTION migrate_load(text), migrate_up(text, text),
         migrate_add(text, text, text, text), migrate_apply(text)
         TO low, reader'

# What a session says, from its first command on: said USER [COMMAND ...]
said()
{
    sql one "$1" app "${@:2}" | grep -v '^WARNING\|^DETAIL\|^HINT\|^LINE\|^ *^'
}
denied="ERROR:  42501: permission denied to read \"$work/files\""
load="SELECT migrate_load('$work/files')"

# ---- Nobody lists folders for himself ----

for role in owner low; do
    is "$(said $role "$load")" "$denied" "$role cannot read the server's files"
    is "$(said $role "SET migrate.directories = '/'" "$load")" "$denied" \
        'nor by SET, in a session that has not loaded the module'
    like "$(said $role "SELECT set_config('migrate.directories', '/', false),
                 migrate_load('$work/files')")" '^ERROR:  42501' \
        'nor in the same statement'
    is "$(PGOPTIONS='-c migrate.directories=/' said $role "$load")" "$denied" \
        'nor in the request to connect'
    for who in "ROLE $role" "ROLE $role IN DATABASE app" 'DATABASE app' \
        "FUNCTION pg_temp.f()"; do
        is "$(said $role "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql
                   AS 'SELECT 1'" \
            "ALTER $who SET migrate.directories = '/'" |
            sed 's/: must be owner.*/: permission denied/; s/ to set.*//')" \
            'ERROR:  42501: permission denied' "nor by ALTER $who"
    done
    is "$(said $role "$load")" "$denied" 'all that had no effect'
done

# ---- Whom to trust is not for the database's owner to say ----

must one low app "SELECT migrate_add('0', 'ALTER ROLE low SUPERUSER')"
is "$(said owner "ALTER DATABASE app SET migrate.trusted_roles = 'owner, low'" |
    sed 's/ to set.*//')" 'ERROR:  42501: permission denied' \
    'the owner of the database cannot name whom to trust'
is "$(said owner 'SELECT migrate_current()' \
    "ALTER DATABASE app SET migrate.project = 'evil'")" '' \
    'he can name the project, which is no danger'
is "$(said postgres 'SELECT migrate_apply()')" 0 \
    'which is then that of others, too'
must one postgres app 'ALTER DATABASE app RESET migrate.project'
like "$(said postgres 'SELECT migrate_apply()')" '42501: .*belong to "owner"' \
    'a superuser does not run what is there'
is "$(said postgres "SELECT rolsuper FROM pg_roles WHERE rolname = 'low'")" f \
    'low is what it was'
must one low app "SELECT migrate_add('0', 'SELECT 1')"

# ---- Whatever a superuser calls, it does not run what others wrote ----

must one postgres postgres 'CREATE DATABASE ours'
must one postgres ours 'CREATE EXTENSION migrate' \
    'GRANT EXECUTE ON FUNCTION migrate_apply(text),
         migrate_add(text, text, text, text) TO low'
must one low ours \
    "SELECT migrate_add('1', 'SELECT 1', 'ALTER ROLE low SUPERUSER')" \
    'SELECT migrate_apply()' \
    "SELECT migrate_add('2', E'-- migrate:up\\nALTER ROLE low SUPERUSER;\\n'
         '-- migrate:verify\\nSELECT set_config(''role'', ''low'', false) > '''';')"
mapfile -t writes < <(quiet_psql one postgres ours -v files="$work/later" \
    -f "$(dirname "$0")/calls.psql" \
    -c 'SELECT statement FROM calls WHERE writes ORDER BY 1')
refused=0
for call in "${writes[@]}"; do
    answer=$(sql one postgres ours "$call")
    [[ $answer != *'ERROR:  42501: migration '*' was brought in by "low"'* ]] ||
        refused=$((refused + 1))
    is "$(sql one postgres ours \
        "SELECT rolsuper FROM pg_roles WHERE rolname = 'low'" \
        "SELECT version FROM migrate_status() WHERE applied_by = 'postgres'")" f \
        "$call does not make low a superuser"
done
is "$((refused >= 4))" 1 'those that would have say why not'

# ---- A superuser lists them ----

must one postgres postgres \
    "ALTER ROLE low SET migrate.directories = '/nowhere, $work/files'"
is "$(said low "SELECT migrate_up('$work/files')")" 2 \
    'for one role, which then migrates'
is "$(said owner "$load")" "$denied" 'and no other'
like "$(said low "SELECT migrate_up('$work/later')")" '42501' \
    'from no other folder'
is "$(said reader "SELECT migrate_up('$work/later')")" 1 \
    'a member of pg_read_server_files needs no list'
must one postgres postgres 'ALTER ROLE low RESET migrate.directories' \
    "ALTER DATABASE app SET migrate.directories = '$work/files'"
is "$(said owner "$load")" 0 'for one database'
must one postgres postgres 'ALTER DATABASE app RESET migrate.directories' \
    "LOAD 'migrate'" \
    "ALTER SYSTEM SET migrate.directories = '$work/files'" \
    'SELECT pg_reload_conf()'
wait_for one app "SELECT count(*) = 1 FROM pg_file_settings
    WHERE name = 'migrate.directories' AND error IS NULL"
is "$(said owner "$load")" 0 'for all'
must one postgres app "GRANT EXECUTE ON FUNCTION migrate_config(text) TO low"
is "$(PGOPTIONS='-c migrate.project=mine' said low \
    "SELECT migrate_config('project')")" mine \
    'what everybody may set counts from the start'

finish
