#!/bin/bash
# Scripts of migrate_bundle() in psql: with other settings of the server and of
# the client, damaged, by roles that may not read files, on a standby.
set -u
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

server one
migrations m 0001_one.sql $'-- migrate:up\nCREATE TABLE one (id int);\n-- migrate:down\nDROP TABLE one;' \
    0002_two.sql $'CREATE TABLE two (what text DEFAULT \'größe \\ ~ \'\'\r\n\');' \
    0003_lite.sql $'-- migrate:up sqlite\nCREATE TABLE three (id);'
for name in source plain off latin damaged low; do
    sql one postgres postgres "CREATE DATABASE $name TEMPLATE template0" \
        > "$work/said" || bail "$(cat "$work/said")"
done
for name in source plain off latin damaged low; do
    must one postgres $name 'CREATE EXTENSION migrate'
done

# What the tables know of migrations.
tables()
{
    sql one postgres "$1" 'SELECT project, version, position, name, format, source,
            file, checksum, requires, options, up, down, verify, present
            FROM migrate_migration ORDER BY position' \
        "SELECT hash, encode(body, 'hex') FROM migrate_text ORDER BY hash"
}

# Run the script in a database: run DATABASE [ARGUMENT ...]
run()
{
    quiet_psql one "${role:-postgres}" "$1" "${@:2}" -f "$work/bundle.sql"
}

sql one postgres source "SELECT migrate_bundle('$work/m')" > "$work/bundle.sql"
is "$(sql one postgres source 'SELECT count(*) FROM migrate_migration')" 0 \
    'a bundle is written without a change'
sql one postgres source "SELECT migrate_load('$work/m')" > "$work/said"
is "$(run plain)" $'0\n0\n3\npending|3' 'psql runs it'
is "$(tables plain)" "$(tables source)" 'as a load would do'
is "$(sql one postgres plain 'SELECT migrate_apply()' \
    'INSERT INTO two DEFAULT VALUES' "SELECT encode(convert_to(what, 'UTF8'), 'escape') FROM two")" \
    $'3\ngr\\303\\266\\303\\237e \\\\ ~ \'\r' 'byte for byte'
is "$(run plain)" $'0\n0\n0\napplied|3' 'again'
is "$(run plain -1 2>&1 | grep -v WARNING)" $'0\n0\n0\napplied|3' 'with -1'

must one postgres off 'ALTER DATABASE off SET standard_conforming_strings = off' \
    'ALTER DATABASE off SET backslash_quote = off'
run off > "$work/said"
is "$(tables off)" "$(tables source)" 'with standard_conforming_strings off'

# The client takes its bytes for those of another encoding.
said=$(PGCLIENTENCODING=LATIN1 run latin)
is "$(grep -c 'is not the one that was bundled' <<< "$said")" 1 \
    'the wrong client_encoding is noticed'
is "$(sql one postgres latin 'SELECT count(*) FROM migrate_migration')" 0 \
    'before anything is changed'
run latin > "$work/said"
is "$(tables latin)" "$(tables source)" 'and can be mended'

cp "$work/bundle.sql" "$work/whole.sql"
sed -i 's/DROP TABLE one/DROP TABLE two/' "$work/bundle.sql"
is "$(run damaged | head -n 1 | cut -d: -f1-3)" \
    'ERROR:  22023: the text of file "0001_one.sql" is not the one that was bundled' \
    'an edited script is refused'
run damaged -v ON_ERROR_STOP=0 > "$work/said"
is "$(sql one postgres damaged 'SELECT count(*) FROM migrate_migration' \
    'SELECT count(*) FROM migrate_text')" $'0\n0' 'and has no effect'
cp "$work/whole.sql" "$work/bundle.sql"

# Rights: it needs none to files; who writes a bundle does.
must one postgres low 'CREATE ROLE low LOGIN' 'GRANT EXECUTE ON FUNCTION
    migrate_add(text, text, text, text), migrate_bundle(text) TO low'
role=low
is "$(run low | head -n 1)" \
    'ERROR:  42501: permission denied for function migrate_add' \
    'the right to add a migration is not the right to run a bundle'
is "$(sql one low low "SELECT migrate_bundle('$work/m')" | head -n 1 | cut -d: -f1,2)" \
    'ERROR:  42501' 'who may bundle may not read any file'
must one postgres low 'GRANT EXECUTE ON FUNCTION
    migrate_add(text, text, text, text, text) TO low'
is "$(run low | tail -n 2)" $'3\npending|3' 'what reads no file needs no such right'
is "$(sql one postgres low 'SELECT DISTINCT added_by FROM migrate_migration')" low \
    'who runs it has brought it in'
is "$(sql one postgres low 'SELECT migrate_apply()' | head -n 1 | cut -d: -f1,2)" \
    'ERROR:  42501' 'so that a superuser does not run it'
role=postgres
is "$(run low | tail -n 2)" $'0\npending|3' 'who brings the same'
is "$(sql one postgres low 'SELECT migrate_apply()')" 3 'stands for it'

# What another engine has written.
lite=${MIGRATE:-$(realpath "$(dirname "$0")/../..")/build/migrate}
if command -v sqlite3 > /dev/null && [ -e "$lite.so" ]; then
    sqlite3 -batch -list -init /dev/null -cmd ".load $lite" :memory: \
        "SELECT migrate_bundle('$work/m')" > "$work/lite.sql"
    # The texts of 0003 are none of PostgreSQL's catalogue.
    is "$(diff "$work/lite.sql" "$work/bundle.sql")" '' \
        'the engines write the same script'
else
    echo "# not run: no sqlite3, or no $lite.so"
fi
finish
