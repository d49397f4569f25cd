#!/bin/bash
# Files of pg_dump and psql as migrations, compared with what psql makes of them.
# TAP; PGHOST and PGUSER say which server.
set -u

from=migrate_pg_dump_from
by_psql=migrate_pg_dump_psql
by_migrate=migrate_pg_dump_migrate
work=$(mktemp -d)
chmod 755 "$work"
tests=0

admin()
{
    psql -X -q -c "$1" postgres
}

# Run SQL of stdin in a database; prints bare values.
run()
{
    psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1"
}

finish()
{
    for database in $from $by_psql $by_migrate; do
        admin "DROP DATABASE IF EXISTS $database" 2> /dev/null
    done
    rm -rf "$work"
}
trap finish EXIT

# is GOT WANTED NAME
is()
{
    tests=$((tests + 1))
    if [ "$1" = "$2" ]; then
        echo "ok $tests - $3"
    else
        echo "not ok $tests - $3"
        printf '%s\n' "got: $1" "wanted: $2" | head -n 60 | sed 's/^/#   /'
    fi
}

# What is in a database, as pg_dump writes it, without the key of \restrict.
contents()
{
    pg_dump -n shop -n "odd schema" "$@" | sed '/^\\\(un\)\{0,1\}restrict /d'
}

for database in $from $by_psql $by_migrate; do
    admin "DROP DATABASE IF EXISTS $database" 2> /dev/null
    admin "CREATE DATABASE $database"
done
# Out of the way of the schemas that are dumped.
run $by_migrate <<'SQL'
CREATE SCHEMA tool;
CREATE EXTENSION migrate SCHEMA tool;
SQL

# A database with what is hard to copy
run $from <<'SQL'
CREATE SCHEMA shop;
CREATE SCHEMA "odd schema";
SET search_path = shop;
CREATE TABLE customer (
    id serial PRIMARY KEY, name text NOT NULL,
    shout text GENERATED ALWAYS AS (upper(name)) STORED);
CREATE TABLE purchase (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer int REFERENCES customer DEFERRABLE INITIALLY DEFERRED,
    bytes bytea, at timestamptz, list text[]);
CREATE TABLE "odd schema"."copy ""; FROM stdin;" ("a ""; \. " text, b xml);
CREATE TABLE nothing ();
CREATE TABLE empty (i int);
CREATE TABLE part (i int, t text) PARTITION BY LIST (i);
CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1);
CREATE TABLE part_2 PARTITION OF part DEFAULT;
INSERT INTO customer (name)
SELECT n FROM unnest(ARRAY['ä€😀', E'tab\tnew\nline\r\\', '\.', E'\n\\.\n', '',
                           '''; -- /* $$', '\echo', 'COPY x FROM stdin;']) n;
INSERT INTO customer (name) SELECT 'customer ' || i FROM generate_series(1, 5000) i;
INSERT INTO purchase (customer, bytes, at, list)
SELECT i, decode(md5(i::text), 'hex'), timestamptz '2024-01-01' + i * interval '1 h',
       ARRAY['\.', NULL, E'\t', i::text]
FROM generate_series(1, 5000) i;
INSERT INTO "odd schema"."copy ""; FROM stdin;" VALUES ('\.', '<a>\.</a>'), (NULL, NULL);
INSERT INTO part SELECT i, i::text FROM generate_series(1, 3) i;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $_$
BEGIN
    -- COPY customer FROM stdin;
    PERFORM '
\.
', E'\'\\', $$;
\echo $$;
    RETURN new;
END $_$;
CREATE TRIGGER note BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION note();
CREATE VIEW names AS SELECT name || '\' AS name FROM customer;
CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM customer;
CREATE RULE quiet AS ON DELETE TO names DO INSTEAD (SELECT 1; SELECT 2);
COMMENT ON TABLE customer IS 'a \ in; it''s
\.
';
SQL
if [ "$(run $from <<< 'SHOW server_version_num')" -ge 140000 ]; then
    run $from <<'SQL'
CREATE FUNCTION shop.atomic() RETURNS bigint
BEGIN ATOMIC
    SELECT count(*) FROM shop.customer;
    SELECT CASE WHEN true THEN 1 END;
END;
SQL
fi

# A plain dump, as it is
mkdir "$work/dump"
pg_dump -n shop -n "odd schema" $from > "$work/dump/1_all.sql"
run $by_psql < "$work/dump/1_all.sql" > /dev/null
contents $from > "$work/wanted"
is "$(contents $by_psql | diff - "$work/wanted")" '' 'psql restores the dump'
run $by_migrate <<< "SELECT tool.migrate_load('$work/dump');" > /dev/null
is "$(run $by_migrate <<< "SELECT count(*), count(*) FILTER (WHERE sql ~ E'\n')
        FROM tool.migrate_plan() WHERE sql LIKE 'COPY%';")" \
    "$(grep -c '^COPY .* FROM stdin;$' "$work/wanted")|0" \
    'a plan of it shows no data'
is "$(run $by_migrate 2>&1 <<< "SET client_min_messages = warning;
      SELECT tool.migrate_apply();
      SHOW search_path; SHOW row_security; SHOW client_min_messages;")" \
    $'1\n"$user", public\non\nwarning' \
    'a migration restores it, and its settings do not leak into the session'
is "$(contents $by_migrate | diff - "$work/wanted")" '' 'with the same result'
is "$(run $by_migrate <<< 'SELECT count(*) FROM shop.purchase')" 5000 \
    'all rows are there'

# The same with CRLF, in csv, and with a failing row far behind
mkdir "$work/more"
{
    echo 'SET search_path = shop;'
    echo 'CREATE TABLE more (id int, name text);'
    echo 'COPY more FROM stdin WITH (FORMAT csv, HEADER, NULL '"'-'"');'
    psql -X -q -d $from -c "COPY (SELECT id, nullif(name, '') AS name
        FROM shop.customer WHERE name NOT LIKE E'%\\\\.%' ORDER BY id)
        TO STDOUT WITH (FORMAT csv, HEADER, NULL '-')"
    echo '\.'
    echo 'ALTER TABLE more ADD PRIMARY KEY (id);'
} > "$work/more/2_more.sql"
run $by_psql < "$work/more/2_more.sql" > /dev/null
run $by_migrate <<< "SELECT tool.migrate_up('$work/more');" > /dev/null 2>&1
is "$(contents -t shop.more $by_migrate | md5sum)" \
    "$(contents -t shop.more $by_psql | md5sum)" 'csv'
is "$(run $by_migrate <<< 'SELECT count(*) > 5000 FROM shop.more')" t \
    'all rows are there'
sed 's/$/\r/; s/more/crlf/' "$work/more/2_more.sql" > "$work/more/3_crlf.sql"
run $by_migrate <<< "SELECT tool.migrate_up('$work/more');" > /dev/null 2>&1
is "$(run $by_migrate <<< 'SELECT count(*) FROM shop.crlf')" \
    "$(run $by_migrate <<< 'SELECT count(*) FROM shop.more')" 'CRLF'
{
    echo '-- one line more'
    echo 'COPY shop.more FROM stdin;'
    seq -f $'%.0f\tname' 100001 104000
    echo $'oops\tname'
    seq -f $'%.0f\tname' 104001 108000
    echo '\.'
} > "$work/more/4_bad.sql"
line=4003
[ "$(run $from <<< 'SHOW server_version_num')" -ge 140000 ] || line=2
is "$(run $by_migrate 2>&1 <<< "SET client_min_messages = warning;
      \\set ON_ERROR_STOP 0
      SET search_path = tool;
      SELECT migrate_up('$work/more');
      SHOW search_path;")" \
    "ERROR:  migration \"4\" failed at line $line: invalid input syntax for type integer: \"oops\"
DETAIL:  Statement 1 of section up of 4_bad.sql: COPY shop.more FROM stdin
CONTEXT:  COPY more, line 4001, column id: \"oops\"
tool" 'a row that fails is named with its line in the file'
is "$(run $by_migrate <<< 'SELECT count(*) FROM shop.more WHERE id > 100000')" \
    0 'and undone'

# What pg_dump writes for another database
pg_dump -C $from > "$work/more/4_bad.sql"
is "$(run $by_migrate 2>&1 <<< "SET client_min_messages = warning;
      SELECT tool.migrate_up('$work/more');" |
    sed 's/at line [0-9]*/at line N/' | head -n 1)" \
    'ERROR:  migration "4" failed at line N: psql'\''s command \connect cannot stand in a migration' \
    'a dump that connects is refused'

echo "1..$tests"
