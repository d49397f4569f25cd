#!/bin/bash
# The same migrations in many schemas.  TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_targets

run "CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b; CREATE SCHEMA \"tenant C\";
     CREATE SCHEMA other;
     SELECT migrate_add('1', 'CREATE TABLE notes (id int PRIMARY KEY)',
                        'DROP TABLE notes');
     SELECT migrate_add('2', 'CREATE TABLE texts (id int REFERENCES notes)',
                        'DROP TABLE texts')" > /dev/null

# ---- One schema ----

run "SET migrate.target_schema = 'tenant_a'; SELECT migrate_apply('1')" > /dev/null
is "$(run "SELECT to_regclass('tenant_a.notes') IS NOT NULL,
           to_regclass('public.notes') IS NULL")" 't|t' 'unqualified names land there'
is "$(run "SELECT migrate_current(), migrate_pending();
           SET migrate.target_schema = 'tenant_a';
           SELECT migrate_current(), migrate_pending();
           SELECT version, state FROM migrate_status();
           SET migrate.target_schema = 'tenant_b'; SELECT migrate_pending()")" '|2
1|1
1|applied
2|pending
2' 'each schema has a state of its own'
is "$(run "SET search_path = public; SET migrate.target_schema = 'tenant C';
           CALL migrate_deploy(); SHOW search_path")" public \
    'a name that needs quotes; the path is put back'
is "$(run "SELECT to_regclass('\"tenant C\".texts') IS NOT NULL")" t 'deployed there'
run "SET migrate.target_schema = 'tenant C'; SELECT migrate_rollback()" > /dev/null
is "$(run "SELECT to_regclass('\"tenant C\".texts') IS NULL")" t 'and rolled back'
is "$(run "SELECT target, version, applied, pending, applied_at IS NULL
           FROM migrate_targets()")" '||0|2|t
tenant C|1|1|1|f
tenant_a|1|1|1|f' 'migrate_targets() tells of each'
is "$(run "SET migrate.target_schema = 'tenant_a';
           SELECT DISTINCT action FROM migrate_history();
           RESET migrate.target_schema;
           SELECT DISTINCT action FROM migrate_history()")" 'apply
add' 'each has its history'
like "$(run "SET migrate.target_schema = 'nowhere'; SELECT migrate_apply()")" \
    '^ERROR:  42704: schema "nowhere" does not exist' 'a schema that is not there'
run "SELECT migrate_config('target_schema', 'tenant_b')" > /dev/null
run "SELECT migrate_apply('1')" > /dev/null
is "$(run "SELECT to_regclass('tenant_b.notes') IS NOT NULL")" t \
    'the setting can be stored'
run "SELECT migrate_config('target_schema', NULL)" > /dev/null
run 'CREATE ROLE migrate_tenant LOGIN; GRANT USAGE ON SCHEMA other TO migrate_tenant;
     GRANT EXECUTE ON FUNCTION migrate_apply(text) TO migrate_tenant'
like "$(PGUSER=migrate_tenant run "SET migrate.target_schema = 'other';
         SELECT migrate_apply()")" \
    '^ERROR:  42501: permission denied for schema other' \
    'without a right to create nothing lands elsewhere'
run 'DROP OWNED BY migrate_tenant; DROP ROLE migrate_tenant'

# ---- All of them ----

said=$(say "CALL migrate_deploy_all('tenant%')" | grep -v 'restore point')
is "$said" 'NOTICE:  00000: schema "tenant C": 1 migration applied
NOTICE:  00000: schema "tenant_a": 1 migration applied
NOTICE:  00000: schema "tenant_b": 1 migration applied' \
    'those behind are brought up to date'
is "$(say "CALL migrate_deploy_all('tenant%')")" '' 'then there is nothing to do'
is "$(run "SELECT to_regclass('other.notes') IS NULL")" t 'others are left alone'
run "CREATE VIEW tenant_b.last AS SELECT 1 AS one;
     CREATE TABLE xids (name text, xid bigint);
     SELECT migrate_add('3', 'CREATE TABLE first (id int);
         INSERT INTO public.xids VALUES (current_schema, txid_current())');
     SELECT migrate_add('4', 'CREATE TABLE last (id int);
         INSERT INTO public.xids VALUES (current_schema, txid_current())')" > /dev/null
said=$(say "CALL migrate_deploy_all('tenant%')")
like "$said" '^WARNING: .*schema "tenant_b": migration "4" failed at line 1: relation "last" already exists' \
    'a failure is told'
like "$said" '^NOTICE: .*schema "tenant_a": 2 migrations applied' 'and passed over'
like "$said" '^ERROR:  55000: 1 of 3 schemas could not be migrated' 'and told again'
is "$(run "SELECT target, version, pending FROM migrate_targets()
           WHERE target LIKE 'tenant%'")" 'tenant C|4|0
tenant_a|4|0
tenant_b|3|1' 'what worked is kept'
is "$(run "SELECT count(*), count(DISTINCT xid) FROM xids
           WHERE name = 'tenant_a'")" '2|1' \
    'a schema takes one transaction'
run 'DROP VIEW tenant_b.last'
is "$(say "CALL migrate_deploy_all('tenant%')" | grep -v 'restore point')" \
    'NOTICE:  00000: schema "tenant_b": 1 migration applied' 'the next call makes up for it'
like "$(run "CALL migrate_deploy_all('nosuch%')")" '^ERROR:  42704: no schema matches' \
    'a pattern that fits nothing'
like "$(run 'CALL migrate_deploy_all(NULL)')" '^ERROR:  22023:' 'NULL'
is "$(run "SELECT count(*) FROM migrate_history() WHERE action <> 'config'")" 4 'no schema in particular: as it was'
run "SELECT migrate_add('5', 'CREATE INDEX CONCURRENTLY ON notes (id)')" > /dev/null
like "$(say "CALL migrate_deploy_all('tenant%')")" 'tenant_b": 1 migration applied' \
    'also what cannot be in a transaction'
is "$(run "SELECT count(*) FROM pg_indexes WHERE indexname = 'notes_id_idx'")" 3 \
    'in each of them'
like "$(run "BEGIN; CALL migrate_deploy_all('%'); ROLLBACK")" '^ERROR:  2D000:' \
    'not in a transaction'

finish
