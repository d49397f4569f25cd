#!/bin/bash
# Which migrations are recorded without a list of all objects, also in
# migrate_deploy(), which commits after each; and what others do meanwhile.  TAP.
set -u
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

server one autovacuum=off
must one postgres postgres 'CREATE DATABASE shop'
must one postgres shop 'CREATE EXTENSION migrate' \
    'CREATE TABLE item (id serial PRIMARY KEY, name text)' \
    'CREATE TABLE other (a int)' 'CREATE VIEW items AS SELECT id, name FROM item'

# What is listed while SQL runs: "all" or a number of relations, a line each.
listed()
{
    "$bindir/psql" -X -h "$work/one" -U postgres -q shop \
        -c 'SET client_min_messages = debug1' "$@" 2>&1 |
        sed -n 's/^.*DEBUG: *all objects are listed.*$/all/p
                s/^.*DEBUG: *the objects of .* changed relations.*$/few/p'
}

# Apply a migration, and say what was listed after the first list of all.
applied()
{
    must one postgres shop "SELECT migrate_add('$1', '$2', '')"
    listed -c 'SELECT migrate_apply()' | tail -n +2
}

is "$(applied 1 'CREATE TABLE new (id serial PRIMARY KEY, item int REFERENCES item, b text UNIQUE)')" \
    few 'a new table'
is "$(applied 2 'ALTER TABLE item ADD price numeric NOT NULL DEFAULT 0')" \
    few 'a new column'
is "$(applied 3 'CREATE INDEX ON item (price)')" few 'a new index'
is "$(applied 4 "COMMENT ON COLUMN item.price IS ''net''")" few \
    'a comment on a column'
is "$(applied 5 'GRANT SELECT ON item TO PUBLIC')" few 'a privilege'
is "$(applied 6 'ALTER TABLE item DROP price')" few 'a dropped column'
is "$(applied 7 'DROP TABLE new')" few 'a dropped table'
is "$(applied 8 'CREATE VIEW more AS SELECT * FROM items')" few 'a new view'
is "$(applied 9 'CREATE POLICY own ON item USING (id > 0)')" few 'a policy'
is "$(applied 10 'INSERT INTO other VALUES (1)')" '' 'rows: nothing is listed'
is "$(applied 11 'ALTER TABLE other RENAME TO another')" all \
    'a name: everything is listed'
is "$(applied 12 "CREATE TYPE mood AS ENUM (''sad'')")" few 'a new enum'
is "$(applied 13 "ALTER TYPE mood ADD VALUE ''glad''")" few 'a new label'
is "$(applied 14 "ALTER TYPE mood RENAME VALUE ''sad'' TO ''blue''")" all \
    'the name of a label: everything is listed'
is "$(applied 15 "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql
    AS ''BEGIN RETURN new; END''; CREATE TRIGGER noted BEFORE UPDATE ON item
    FOR EACH ROW EXECUTE FUNCTION noted()")" few 'a function with a trigger'
is "$(applied 16 "CREATE OR REPLACE FUNCTION noted() RETURNS trigger LANGUAGE
    plpgsql AS ''BEGIN RETURN old; END''")" few 'another body'
is "$(applied 17 'REVOKE EXECUTE ON FUNCTION noted() FROM PUBLIC;
    COMMENT ON FUNCTION noted() IS NULL')" few 'a privilege on it'
is "$(applied 18 'DROP FUNCTION noted() CASCADE')" few 'a dropped function'
is "$(applied 19 'CREATE DOMAIN age AS int CHECK (VALUE > 0)')" few 'a new domain'
is "$(applied 20 'CREATE TYPE pair AS (a int)')" all 'another type: everything'
is "$(applied 21 'CREATE SCHEMA more')" all 'a schema likewise'
is "$(sql one postgres shop 'SELECT count(*) FROM migrate_drift()')" 0 \
    'what is recorded is there'

# Twenty commits of one call.
for i in $(seq 20); do
    must one postgres shop \
        "SELECT migrate_add('1$((100 + i))', 'CREATE TABLE t$i (a int PRIMARY KEY)', '')"
done
is "$(listed -c 'CALL migrate_deploy()' | uniq -c | xargs)" '1 all 20 few' 'after a commit of our own nothing is listed anew'
is "$(sql one postgres shop 'SELECT count(*) FROM migrate_drift()')" 0 \
    'and what is recorded is there'

# A migration that waits until a column is there.
waiting()
{
    must one postgres shop "SELECT migrate_add('$1', 'DO \$wait\$ BEGIN
        WHILE NOT EXISTS (SELECT FROM pg_attribute WHERE attname = ''$2'')
        LOOP PERFORM pg_sleep(0.05); END LOOP; END \$wait\$; $3', '')"
}

# Somebody else changes one table while a migration changes another.
waiting 2000 theirs 'CREATE TABLE ours (a int)'
sql one postgres shop 'SELECT migrate_apply()' > /dev/null &
wait_for one shop "SELECT EXISTS (SELECT FROM pg_stat_activity
    WHERE wait_event = 'PgSleep')"
must one postgres shop 'ALTER TABLE another ADD theirs int'
wait $!
is "$(sql one postgres shop 'SELECT change, kind, object FROM migrate_drift()')" \
    'added|column|public.another.theirs' \
    'what somebody else did meanwhile is not taken for ours'
is "$(sql one postgres shop "SELECT count(*) FROM migrate_object
      WHERE identity = 'public.ours'")" 1 'and what we did is recorded'
must one postgres shop 'SELECT migrate_accept()'

# Between two transactions of one call, too.
waiting 2001 more ''
must one postgres shop \
    "SELECT migrate_add('2002', 'ALTER TABLE another ADD mine int', '')"
sql one postgres shop 'CALL migrate_deploy()' > "$work/deploy" 2>&1 &
wait_for one shop "SELECT EXISTS (SELECT FROM pg_stat_activity
    WHERE wait_event = 'PgSleep')"
must one postgres shop 'ALTER TABLE another ADD more int'
wait $!
is "$(sql one postgres shop 'SELECT change, kind, object FROM migrate_drift()')" \
    'added|column|public.another.more' \
    'nor what was done to the same table between two migrations'

# While a migration changes functions and types.
must one postgres shop 'SELECT migrate_accept()' \
    "CREATE FUNCTION tax() RETURNS int LANGUAGE sql AS 'SELECT 1'" \
    'SELECT migrate_accept()'
waiting 2003 also "CREATE OR REPLACE FUNCTION tax() RETURNS int LANGUAGE sql
    AS ''SELECT 2''; CREATE TYPE size AS ENUM (''s''); ALTER TYPE mood ADD VALUE ''so''"
sql one postgres shop 'SELECT migrate_apply()' > /dev/null &
wait_for one shop "SELECT EXISTS (SELECT FROM pg_stat_activity
    WHERE wait_event = 'PgSleep')"
must one postgres shop 'ALTER TABLE another ADD also int'
wait $!
is "$(sql one postgres shop 'SELECT change, kind, object FROM migrate_drift()')" \
    'added|column|public.another.also' \
    'nor where the migration changes functions and types'

# Plans that were made while the schema was small.
must one postgres shop 'SELECT migrate_accept()' \
    "SELECT migrate_add('2004', 'CREATE TABLE small (a int)', '')" \
    "SELECT migrate_add('2005', 'DO \$do\$ BEGIN FOR i IN 1 .. 150 LOOP EXECUTE
        format(''CREATE TABLE wide_%s (%s)'', i, (SELECT string_agg(''c'' || j
        || '' int'', '','') FROM generate_series(1, 60) j)); END LOOP; END \$do\$', '')" \
    "SELECT migrate_add('2006', 'CREATE TABLE last (a int)', '')"
"$bindir/psql" -X -h "$work/one" -U postgres -q shop \
    -c 'SET client_min_messages = debug1' -c 'SELECT migrate_apply()' \
    > "$work/plans" 2>&1
is "$(grep -c 'lists are planned anew' "$work/plans")" 1 \
    'they are made anew when it has grown'
is "$(sql one postgres shop 'SELECT count(*) FROM migrate_drift()')" 0 \
    'and what is recorded is there'

finish
