#!/bin/bash
# A dump restored on another server of the same major version, which has other
# settings and gives other numbers to objects: the schema has the same
# fingerprint, its history is whole, and nothing is watched there.  TAP.
set -u
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"
folder=$(realpath "$(dirname "$0")")

server one wal_level=logical
server two wal_level=logical 'DateStyle=German, DMY' TimeZone=Asia/Tokyo \
    IntervalStyle=sql_standard quote_all_identifiers=on extra_float_digits=-3 \
    bytea_output=escape xmlbinary=hex 'search_path=public, pg_catalog'
must one postgres postgres 'CREATE ROLE migrate_kinds_owner' \
    'CREATE ROLE migrate_kinds_reader' 'CREATE DATABASE shop'

# One of every kind, in two schemas, and what migrations make.
(cd "$folder" && quiet_psql one postgres shop -v schema=app -f kinds.psql &&
    quiet_psql one postgres shop -v 'schema=Other one' -f kinds_other.psql &&
    quiet_psql one postgres shop -f kinds_global.psql) > "$work/made" ||
    bail "$(tail -n 3 "$work/made")"
# Texts that the server writes when they are set, and keeps.
must one postgres shop "CREATE FUNCTION app.placed() RETURNS int LANGUAGE sql
    SET search_path = app, \"Other one\", pg_catalog
    SET \"DateStyle\" = 'ISO, DMY' AS 'SELECT 1'" \
    "CREATE DOMAIN app.sad AS app.mood DEFAULT 'sad'" \
    "CREATE DOMAIN app.numbered AS bigint DEFAULT nextval('app.counter')" \
    "CREATE TEXT SEARCH DICTIONARY app.odd (TEMPLATE = synonym,
        synonyms = 'synonym_sample', casesensitive = 1)" \
    "CREATE TABLE app.\"Order\" (\"select\" app.mood, \"A b\" int,
        CHECK (\"select\" <> 'sad' OR \"A b\" > 1))" \
    "CREATE TRIGGER \"When\" BEFORE UPDATE OF \"A b\" ON app.\"Order\"
        FOR EACH ROW WHEN (new.\"A b\" > 1)
        EXECUTE FUNCTION app.touch('it''s', E'\\\\')"
must one postgres shop 'CREATE SCHEMA tool' 'CREATE EXTENSION migrate SCHEMA tool' \
    "SELECT tool.migrate_add('1', 'CREATE TABLE made (at timestamptz DEFAULT
         ''2020-02-29 12:00+02'', n float8 DEFAULT 0.1, i interval DEFAULT
         ''1 day 2 hours'', b bytea DEFAULT ''\\x00ff'')', 'DROP TABLE made')" \
    "SELECT tool.migrate_add('2', 'ALTER TABLE made ADD COLUMN gone int,
         ADD COLUMN last text; ALTER TABLE made DROP COLUMN gone',
         'ALTER TABLE made DROP COLUMN last')" \
    'SELECT tool.migrate_apply()' "SELECT tool.migrate_config('watch', 'block')"
fingerprint=$(sql one postgres shop 'SELECT tool.migrate_fingerprint()')
recorded=$(sql one postgres shop "SELECT tool.migrate_fingerprint('1')")
seal=$(sql one postgres shop "SELECT tool.migrate_seal('2')")
sql one postgres shop 'SELECT tool.migrate_export_history()' > "$work/head"

# Other numbers, and other roles in another order.
must two postgres postgres 'CREATE ROLE another' 'CREATE TABLE junk (a serial)' \
    'CREATE ROLE migrate_kinds_reader' 'CREATE ROLE migrate_kinds_owner'

for format in plain custom directory; do
    must two postgres postgres 'CREATE DATABASE shop TEMPLATE template0'
    case $format in
    plain)
        "$bindir/pg_dump" -h "$work/one" -U postgres shop 2> "$work/err" |
            quiet_psql two postgres shop > "$work/restored"
        ;;
    *)
        "$bindir/pg_dump" -h "$work/one" -U postgres -F "$format" \
            -f "$work/$format" shop 2> "$work/err"
        "$bindir/pg_restore" -h "$work/two" -U postgres -j 2 -d shop \
            "$work/$format" 2>> "$work/err"
        ;;
    esac
    is "$(cat "$work/err")" '' "$format: the dump is restored"
    is "$(sql two postgres shop 'SELECT * FROM tool.migrate_drift()')" '' \
        "$format: nothing differs from what is recorded"
    is "$(sql two postgres shop 'SELECT tool.migrate_fingerprint()' \
        "SELECT tool.migrate_fingerprint('1')" "SELECT tool.migrate_seal('2')")" \
        "$fingerprint
$recorded
$seal" "$format: the fingerprints are the same, now and of each migration"
    is "$(quiet_psql two postgres shop -v head="$(cat "$work/head")" \
        <<< "SELECT * FROM tool.migrate_verify(:'head')
             WHERE kind NOT IN ('index', 'constraint', 'trigger', 'rule')")" '' \
        "$format: the history is whole and the one that was exported"
    is "$(sql two postgres shop "SELECT value, source FROM tool.migrate_settings()
         WHERE name = 'watch'")" 'off|another database' "$format: watch is off"
    is "$(sql two postgres shop 'SELECT tool.migrate_rollback()' \
        "SELECT tool.migrate_fingerprint() = tool.migrate_fingerprint('1')" \
        'SELECT count(*) FROM tool.migrate_drift()')" '1
t
0' "$format: and one can go back"
    must two postgres postgres 'DROP DATABASE shop'
done

finish
