#!/bin/bash
# The setting watch for those who are no superusers, in copies, and where a
# server needs several sessions or commands.  TAP.
# shellcheck disable=SC2016  # what has a $ in it is SQL
set -u
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

server one
must one postgres postgres 'CREATE ROLE boss LOGIN' 'CREATE ROLE hand LOGIN' \
    'CREATE ROLE other' 'GRANT other TO hand' 'CREATE DATABASE shop OWNER boss'
must one boss shop 'CREATE SCHEMA tool' 'CREATE EXTENSION migrate SCHEMA tool' \
    'REVOKE ALL ON SCHEMA tool FROM PUBLIC'
must one postgres shop 'CREATE SCHEMA app AUTHORIZATION hand' 'GRANT CREATE ON DATABASE shop TO hand, other' \
    'CREATE FOREIGN DATA WRAPPER far' 'GRANT USAGE ON FOREIGN DATA WRAPPER far TO hand' \
    'GRANT ALL ON SCHEMA app TO other'

owner=boss # of the extension

# What is recorded, oldest first
recorded()
{
    sql one "$owner" "${1:-shop}" "SELECT command, kind, object
        FROM tool.migrate_foreign_ddl()"
}

# Forget it.
forget()
{
    must one "$owner" shop 'DELETE FROM tool.migrate_ddl'
}

watch()
{
    sql one "$owner" "${2:-shop}" "SELECT tool.migrate_config('watch', '$1')"
}

# The members of a trusted extension that a database's owner has made
is "$(sql one postgres shop "SELECT evtname, evtowner::regrole, evtenabled
      FROM pg_event_trigger ORDER BY 1")" \
    'migrate_watch_drop|postgres|D
migrate_watch_end|postgres|D
migrate_watch_start|postgres|D' 'who is no superuser gets the event triggers, disabled'
is "$(watch log)" log 'and can turn them on'

# Every kind of DDL, by somebody without any right to what is the extension's
commands=(
    'CREATE SCHEMA mine'
    'CREATE TABLE app.a (id serial PRIMARY KEY, b int DEFAULT 1, c text UNIQUE)'
    'CREATE UNLOGGED TABLE app.u (id int GENERATED ALWAYS AS IDENTITY)'
    'CREATE TABLE app.p (id int, n int) PARTITION BY RANGE (id)'
    'CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES FROM (0) TO (9)'
    'CREATE TABLE app.p2 (id int, n int)'
    'ALTER TABLE app.p ATTACH PARTITION app.p2 FOR VALUES FROM (9) TO (99)'
    'CREATE TABLE app.copied AS SELECT 1 AS a'
    'SELECT 1 AS a INTO app.into'
    'ALTER TABLE app.a ADD COLUMN d int CHECK (d > 0), ALTER COLUMN b SET DEFAULT 2'
    'ALTER TABLE app.a ALTER COLUMN b TYPE bigint'
    'ALTER TABLE app.a RENAME COLUMN d TO e'
    'ALTER TABLE app.copied RENAME TO renamed'
    'ALTER TABLE app.renamed SET SCHEMA mine'
    'ALTER TABLE app.into OWNER TO other'
    'CREATE INDEX a_b ON app.a (b)'
    'CREATE INDEX CONCURRENTLY a_c ON app.a (c)'
    'ALTER INDEX app.a_c RENAME TO a_d'
    'DROP INDEX CONCURRENTLY app.a_d'
    'CREATE SEQUENCE app.s'
    'ALTER SEQUENCE app.s INCREMENT 2'
    'CREATE VIEW app.v AS SELECT b FROM app.a'
    'CREATE OR REPLACE VIEW app.v AS SELECT b, b AS c FROM app.a'
    'CREATE MATERIALIZED VIEW app.m AS SELECT b FROM app.a'
    'CREATE FUNCTION app.f(a int, b text) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'
    'CREATE PROCEDURE app.f2() LANGUAGE sql AS $$ SELECT 1 $$'
    'CREATE FUNCTION app.t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$'
    'CREATE TRIGGER tr BEFORE INSERT ON app.a FOR EACH ROW EXECUTE FUNCTION app.t()'
    'ALTER TABLE app.a DISABLE TRIGGER tr'
    'CREATE RULE ru AS ON DELETE TO app.a DO INSTEAD NOTHING'
    'CREATE POLICY po ON app.a USING (true)'
    'ALTER TABLE app.a ENABLE ROW LEVEL SECURITY'
    'CREATE AGGREGATE app.g(int) (SFUNC = int4pl, STYPE = int)'
    'CREATE OPERATOR app.=#= (FUNCTION = int4pl, LEFTARG = int, RIGHTARG = int)'
    'CREATE DOMAIN app.d AS int CHECK (value > 0)'
    "CREATE TYPE app.e AS ENUM ('a')"
    "ALTER TYPE app.e ADD VALUE 'b'"
    'CREATE TYPE app.c AS (a int)'
    'CREATE TYPE app.r AS RANGE (subtype = int)'
    'CREATE CAST (app.e AS app.c) WITH INOUT'
    "CREATE COLLATION app.co (locale = 'C')"
    "CREATE CONVERSION app.con FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8"
    'CREATE TEXT SEARCH CONFIGURATION app.ts (COPY = pg_catalog.english)'
    'CREATE TEXT SEARCH DICTIONARY app.di (TEMPLATE = simple)'
    'ALTER TEXT SEARCH CONFIGURATION app.ts ALTER MAPPING FOR word WITH app.di'
    'CREATE STATISTICS app.st ON b, c FROM app.a'
    'CREATE SERVER far FOREIGN DATA WRAPPER far'
    'CREATE FOREIGN TABLE app.ft (a int) SERVER far'
    'CREATE USER MAPPING FOR hand SERVER far'
    'CREATE PUBLICATION pub FOR TABLE app.a'
    'COMMENT ON TABLE app.a IS $$a$$'
    'COMMENT ON FUNCTION app.f(int, text) IS $$a$$'
    'GRANT SELECT ON ALL TABLES IN SCHEMA app TO PUBLIC'
    'GRANT EXECUTE ON FUNCTION app.f(int, text) TO other'
    'GRANT USAGE ON SCHEMA app TO other'
    'REVOKE SELECT (b) ON app.a FROM PUBLIC'
    'ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO other'
    'ALTER TABLE app.a DROP COLUMN e, DROP CONSTRAINT a_c_key'
    'ALTER TABLE app.a ALTER COLUMN id DROP DEFAULT'
    'DROP SEQUENCE app.s'
    'DROP TRIGGER tr ON app.a'
    'DROP POLICY po ON app.a'
    'DROP RULE ru ON app.a'
    'DROP CAST (app.e AS app.c)'
    'DROP TYPE app.c'
    'DROP FUNCTION app.f(int, text)'
    'ALTER TABLE app.p DETACH PARTITION app.p2'
    'DROP TABLE app.a CASCADE'
    'DROP SCHEMA mine CASCADE'
    'DROP OWNED BY hand CASCADE'
)
bad=
silent=
for command in "${commands[@]}"; do
    said=$(sql one hand shop 'SET client_min_messages = error' "$command") ||
        bad+="$command: $said"$'\n'
    [ -z "$said" ] || bad+="$command: $said"$'\n'
    [ "$(sql one boss shop 'SELECT count(*) > 0 FROM tool.migrate_ddl')" = t ] ||
        silent+="$command"$'\n'
    [ "${command% *}" = 'DROP OWNED BY hand' ] || forget
done
is "$bad" '' "${#commands[@]} kinds of DDL work under log"
is "$silent" '' 'and each is recorded'
is "$(sql one boss shop "SELECT DISTINCT actor, role, outcome, client
      FROM tool.migrate_foreign_ddl()")" 'hand|hand|logged|[local]' 'whoever it was'
forget
must one postgres shop 'CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION hand' \
    'GRANT CREATE ON DATABASE shop TO hand' \
    'GRANT USAGE ON SCHEMA tool TO hand'

# Who acts as somebody else
must one postgres shop 'CREATE FUNCTION app.make() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = app
    AS $$ CREATE TABLE app.made (id int) $$' 'ALTER FUNCTION app.make() OWNER TO boss' \
    'GRANT ALL ON SCHEMA app TO boss'
forget
must one hand shop 'SELECT app.make()'
is "$(sql one boss shop 'SELECT actor, role, object
      FROM tool.migrate_foreign_ddl()')" 'hand|boss|app.made' \
    'who has logged in, and who it was done as'
must one postgres shop 'DROP TABLE app.made'
forget

# Nobody waits for anybody
{
    echo "BEGIN; CREATE TABLE app.slow (id int);"
    echo "SELECT 'begun';"
    echo '\! while [ ! -e '"$work/go"' ]; do sleep 0.05; done'
    echo 'ROLLBACK;'
} | quiet_psql one hand shop -f - > "$work/slow" &
helpers+=($!)
wait_for one shop "SELECT count(*) = 1 FROM pg_stat_activity
    WHERE state = 'idle in transaction'"
is "$(sql one hand shop "SET lock_timeout = '2s'" 'CREATE TABLE app.fast (id int)' \
    'DROP TABLE app.fast')" '' 'two record at once'
touch "$work/go"
wait "${helpers[0]}"
helpers=()
is "$(recorded)" 'CREATE TABLE|table|app.fast
DROP TABLE|table|app.fast' 'what is rolled back is not recorded'
forget

# Block
must one hand shop 'CREATE TABLE app.kept (id int)' \
    'CREATE INDEX kept_id ON app.kept (id)' \
    'CREATE TABLE app.parts (id int) PARTITION BY RANGE (id)' \
    'CREATE TABLE app.part PARTITION OF app.parts FOR VALUES FROM (0) TO (9)'
forget
is "$(watch block)" block 'block'
refused()
{
    local said
    said=$(sql one hand shop "$1") && said+=' succeeded'
    is "$(grep -v WARNING <<< "$said" | head -n 1)" "ERROR:  42501: $2 is refused: the setting \"watch\" of the extension \"migrate\" is \"block\"" \
        "refused: $1"
}
refused 'CREATE TABLE app.t (id int)' 'CREATE TABLE'
refused 'CREATE TABLE app.t AS SELECT 1' 'CREATE TABLE AS'
refused 'ALTER TABLE app.kept ADD COLUMN a int' 'ALTER TABLE'
refused 'DROP TABLE app.kept' 'DROP TABLE'
refused 'DROP OWNED BY hand CASCADE' 'DROP OWNED'
refused 'GRANT SELECT ON app.kept TO PUBLIC' 'GRANT'
refused 'CREATE INDEX CONCURRENTLY more ON app.kept (id)' 'CREATE INDEX'
refused 'DROP INDEX CONCURRENTLY app.kept_id' 'DROP INDEX'
refused 'DO $$ BEGIN EXECUTE $x$ CREATE VIEW app.v AS SELECT 1 $x$; END $$' 'CREATE VIEW'
refused "CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere' PUBLICATION p" \
    'CREATE SUBSCRIPTION'
[ "$major" -lt 14 ] ||
    refused 'ALTER TABLE app.parts DETACH PARTITION app.part CONCURRENTLY' \
        'ALTER TABLE'
is "$(sql one hand shop 'ALTER TABLE app.kept ADD COLUMN a int' | tail -n +2)" \
    "DETAIL:  It is about the table app.kept.
HINT:  Make it a migration, or have a superuser or the database's owner call tool.migrate_config('watch', 'off')." \
    'with what it is about, and the way out'
is "$(sql one postgres shop "SELECT string_agg(c.relname, ' ' ORDER BY 1)
      FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid AND indisvalid
      WHERE relnamespace = 'app'::regnamespace")" 'kept_id' \
    'the index is there, and no other'
is "$(sql one hand shop 'CREATE TEMP TABLE s (a int); CREATE INDEX ON s (a);
      ALTER TABLE s RENAME TO t; ALTER TABLE t RENAME a TO b;
      DROP TABLE t' 'REINDEX TABLE app.kept' 'ANALYZE app.kept' \
      'INSERT INTO app.kept VALUES (1)' 'TRUNCATE app.kept' \
      'CREATE TABLE IF NOT EXISTS app.kept (id int)' \
      'DROP TABLE IF EXISTS app.nothing' 2>&1 | grep -v NOTICE)" '' \
    'temporary objects, data, and what changes nothing pass'
is "$(recorded)" '' 'and leave no rows'
is "$(sql one postgres shop 'SET ROLE hand' 'CREATE TABLE app.by_superuser (id int)')" \
    '' 'a superuser passes, also as somebody else'
is "$(sql one boss shop 'SELECT actor, role, object, outcome
      FROM tool.migrate_foreign_ddl()')" \
    'postgres|hand|app.by_superuser|superuser' 'and is recorded'
forget

# Migrations of an ordinary role, in functions, procedures and their workers
must one boss shop 'GRANT EXECUTE ON ALL ROUTINES IN SCHEMA tool TO hand'
forget
is "$(sql one hand shop "SELECT tool.migrate_add('1',
        'CREATE TABLE app.one (id int)', 'DROP TABLE app.one')" \
    "SELECT tool.migrate_add('2', 'CREATE INDEX CONCURRENTLY one_id ON app.one (id)',
        'DROP INDEX CONCURRENTLY app.one_id')" \
    "SELECT tool.migrate_apply('1')" \
    'CALL tool.migrate_deploy()' 'SELECT tool.migrate_current()' \
    "CALL tool.migrate_revert('base')" 'CALL tool.migrate_deploy()' \
    'SELECT tool.migrate_current()')" $'1\n1\n1\n2\n2' \
    'migrations pass, also what a background worker runs'
is "$(recorded)" '' 'and are not recorded'
refused 'CREATE TABLE app.after (id int)' 'CREATE TABLE'
is "$(sql one hand shop "SELECT tool.migrate_add('3', 'SELECT 1/0')" \
    'SELECT tool.migrate_apply()' | grep -c ERROR)" 1 'a migration fails'
refused 'CREATE TABLE app.after (id int)' 'CREATE TABLE'
is "$(sql one hand shop "DO \$\$ BEGIN
        BEGIN PERFORM tool.migrate_apply(); EXCEPTION WHEN OTHERS THEN NULL; END;
        EXECUTE 'CREATE TABLE app.after (id int)'; END \$\$" |
    head -n 1)" 'ERROR:  42501: CREATE TABLE is refused: the setting "watch" of the extension "migrate" is "block"' \
    'behind one that failed, in the same transaction, too'
is "$(sql one hand shop "SELECT tool.migrate_config('watch', 'off')" | head -n 1)" \
    'ERROR:  42501: permission denied to set watch' \
    'who may call migrate_config cannot turn it off'

# Copies
"$bindir/pg_dump" -h "$work/one" -U postgres shop > "$work/dump" || bail 'no dump'
must one postgres postgres 'CREATE DATABASE restored OWNER boss' \
    'CREATE DATABASE cloned TEMPLATE shop OWNER boss'
# Some rights on the functions fail, since the extension's owner is another one.
quiet_psql one postgres restored -v ON_ERROR_STOP=0 -f "$work/dump" > "$work/restored"
for copy in restored cloned; do
    # A dump does not carry whose an extension is.
    owner=postgres
    [ $copy = restored ] || owner=boss
    is "$(sql one "$owner" "$copy" "SELECT value, source FROM tool.migrate_settings()
          WHERE name = 'watch'" "SELECT tool.migrate_current()")" \
        $'off|another database\n2' "$copy: watch is off, and it is said why"
    is "$(sql one hand "$copy" 'CREATE TABLE app.free (id int)')" '' \
        "$copy: nothing is refused"
    is "$(recorded "$copy")" '' "$copy: nor recorded"
    is "$(watch log "$copy")" log "$copy: it can be turned on"
    must one hand "$copy" 'CREATE TABLE app.seen (id int)'
    is "$(recorded "$copy")" 'CREATE TABLE|table|app.seen' "$copy: and works"
done
is "$(sql one postgres restored "SELECT tool.migrate_config('watch', 'off')" \
      'TABLE tool.migrate_ddl' | wc -l)" 2 'rows stay when it is turned off'

# Evidence travels
"$bindir/pg_dump" -h "$work/one" -U postgres cloned > "$work/dump"
must one postgres postgres 'DROP DATABASE restored' \
    'CREATE DATABASE restored OWNER boss'
quiet_psql one postgres restored -f "$work/dump" > "$work/restored"
owner=postgres
is "$(recorded restored)" 'CREATE TABLE|table|app.seen' \
    'a dump carries what was recorded'
owner=boss

# The way out, also for who is no superuser
is "$(sql one boss shop 'DROP EXTENSION migrate' 'CREATE TABLE app.later (id int)' \
    'SELECT count(*) FROM pg_event_trigger')" 0 \
    'in block the owner can drop the extension, and with it all of this'
must one boss shop 'GRANT ALL ON SCHEMA tool TO boss' \
    "CREATE EXTENSION migrate SCHEMA tool VERSION '0.1.0'"
is "$(watch log)" 'ERROR:  55000: the extension has no event trigger "migrate_watch_start"
HINT:  It comes with version 0.2.0: ALTER EXTENSION migrate UPDATE.  Was it dropped: drop the extension and create it again.' \
    'an older version says what it lacks'
must one boss shop 'ALTER EXTENSION migrate UPDATE'
is "$(watch block)" block 'and has it when it is updated'

# Without other processes nothing is watched
"$cluster" halt "$work/one"
echo 'CREATE TABLE app.single (id int)' |
    "$cluster" as "$work/one" "$bindir/postgres" --single -D "$work/one/data" \
    shop > "$work/single" 2>&1
is "$? $(grep -c ERROR "$work/single")" '0 0' 'single-user mode works'
"$cluster" resume "$work/one"
is "$(sql one postgres shop "SELECT to_regclass('app.single')" \
    'SELECT count(*) FROM tool.migrate_ddl')" $'app.single\n0' \
    'and records nothing'

finish
