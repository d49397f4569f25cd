#!/bin/bash
# Expressions of which the server writes another text once it has read its own:
# a database that was restored has the schema that is recorded.  TAP; PGHOST and
# PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_expressions
first=$database
copy=migrate_pg_expressions_copy
forget()
{
    admin "DROP DATABASE IF EXISTS $copy"
    admin "DROP DATABASE IF EXISTS $first"
    clean_up
} 2> /dev/null
trap forget EXIT
admin "DROP DATABASE IF EXISTS $copy" 2> /dev/null

columns='i int, j int, n numeric(8,2), s varchar(10), t text, c char(3), d date,
    bo boolean, ar int[], va varchar[], "AND" boolean'
run "CREATE TABLE chk ($columns); CREATE TABLE lone ($columns)" > /dev/null

# Each as a constraint, in a view, and where less parentheses are written.
number=0
while read -r condition; do
    number=$((number + 1))
    run "ALTER TABLE chk ADD CONSTRAINT k$number CHECK ($condition);
         CREATE VIEW v$number AS SELECT i, ($condition) AS q FROM chk
             WHERE i > 0 AND ($condition) AND j > 0 ORDER BY ($condition);
         CREATE INDEX i$number ON chk (i) WHERE $condition" > "$work/made" 2>&1
    is "$(grep ERROR "$work/made")" '' "is made: $condition"
done <<'EOF'
s IN ('a', 'b')
s NOT IN ('a', 'b')
s IN ('a', 'b') AND i BETWEEN 1 AND 2
s IN (t, 'b')
s IN ('a', NULL)
s IN (c, s || 'x', lower(s), 'it''s (ARRAY[1])::text[]')
s = ANY (ARRAY['a'::varchar, 'b'])
(va || s)::text[] = ARRAY['a']
ARRAY[ARRAY['a'::varchar, 'b'], ARRAY[s, 'c']]::text[] = ARRAY[ARRAY['a', 'b']]
t = ANY (ARRAY[s, s || 'x'])
i IN (1, 2) AND j IN (3, 4) AND n IN (5, 6)
i BETWEEN 1 AND 5
i BETWEEN 1 AND 5 AND j > 0
j > 0 AND i BETWEEN 1 AND 5
i BETWEEN 1 AND 5 AND j > 0 AND n > 0
i NOT BETWEEN 1 AND 5 OR j > 0
i BETWEEN SYMMETRIC 1 AND 5 OR j > 0
(i, j) IN ((1, 2), (3, 4)) OR n > 0
(i, j) = (1, 2) AND n > 0
(i > 1 AND j > 1) AND n > 1
i > 1 AND (j > 1 AND n > 1)
bo AND "AND" AND NOT (i BETWEEN 1 AND 2 AND bo)
CASE WHEN i BETWEEN 1 AND 2 AND bo THEN s IN ('a') ELSE s IN ('b', 'c') END
i > -1::int AND n >= -90.50::numeric AND j <> -0::int
i IN (-1::int, -2, j - 1) OR abs(-1::int) = j - -1::int
(i, t) < (-1::int, 'a')
CASE WHEN bo THEN -1::int ELSE -2::int END = i
t = ANY (ARRAY[CASE WHEN i > 1 THEN s END, s, CASE s WHEN 'a' THEN s END]::text[])
t = ANY (ARRAY[s COLLATE "C", lower(t)::varchar COLLATE pg_catalog."C"]::text[])
EOF

# The other places that expressions are in
run "CREATE DOMAIN code AS varchar(5) CHECK (VALUE IN ('a', 'b'));
CREATE DOMAIN small AS int DEFAULT 1 CHECK (VALUE BETWEEN 1 AND 9 AND VALUE <> 5);
ALTER TABLE chk ADD g boolean GENERATED ALWAYS AS (s IN ('a', 'b')) STORED,
    ADD h boolean DEFAULT ('a'::varchar IN ('a', 'b')),
    ADD CONSTRAINT x EXCLUDE (i WITH =) WHERE (s IN ('a', 'b'));
CREATE INDEX expression ON chk ((s IN ('a', 'b')));
CREATE POLICY p ON chk USING (s IN ('a', 'b'))
    WITH CHECK (i BETWEEN 1 AND 2 AND j > 0);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RETURN new; END';
CREATE TRIGGER t BEFORE UPDATE ON chk FOR EACH ROW
    WHEN (new.s IN ('a', 'b') AND new.i BETWEEN 1 AND 2)
    EXECUTE FUNCTION nothing();
CREATE RULE r AS ON UPDATE TO lone WHERE old.s IN ('a', 'b') DO INSTEAD
    DELETE FROM lone WHERE i BETWEEN 1 AND 2 AND s IN ('a', 'b');
CREATE RULE sets AS ON DELETE TO lone DO ALSO
    UPDATE chk SET i = -1::int WHERE j = -2::int;
CREATE RULE adds AS ON INSERT TO lone DO ALSO INSERT INTO chk (i) VALUES (-1::int);
CREATE TABLE negative (i int DEFAULT -1::int, n numeric DEFAULT -1.5::numeric);
CREATE MATERIALIZED VIEW m AS
    SELECT sum(i) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    FROM chk WHERE i BETWEEN 1 AND 2 AND EXISTS
        (SELECT FROM lone WHERE lone.s IN ('a', 'b') AND lone.i = chk.i);
CREATE FUNCTION text_of() RETURNS text LANGUAGE sql AS
    'SELECT ''(((a AND b) AND c) AND d) (ARRAY[1])::text[]''';
COMMENT ON TABLE chk IS '(((a AND b) AND c) AND d) (ARRAY[1])::text[]'" \
    > "$work/made" 2>&1
is "$(grep ERROR "$work/made")" '' 'other places'
if [ "$(run 'SHOW server_version_num')" -ge 140000 ]; then
    run "CREATE FUNCTION atomic(x int, y varchar) RETURNS boolean LANGUAGE sql
         BEGIN ATOMIC SELECT x BETWEEN 1 AND 2 AND y IN ('a', 'b'); END;
         CREATE STATISTICS st ON (s IN ('a', 'b')), (i) FROM chk" > "$work/made" 2>&1
    is "$(grep ERROR "$work/made")" '' 'and those of 14 and later'
else
    is x x 'and those of 14 and later # SKIP an older server'
fi

run 'SELECT migrate_accept()' > /dev/null
fingerprint=$(run 'SELECT migrate_fingerprint()')
is "$(run "SELECT string_agg(kind, ' ' ORDER BY kind) FROM migrate_object
    WHERE strpos(definition, '(((a AND b) AND c) AND d) (ARRAY[1])::text[]') > 0")" \
    'comment function' 'a comment and the text of a function are as written'

admin "CREATE DATABASE $copy"
pg_dump -d "$first" > "$work/dump.sql"
PGOPTIONS='-c client_min_messages=error' psql -X -q -v ON_ERROR_STOP=1 \
    -d "$copy" -f "$work/dump.sql" > /dev/null 2> "$work/restore.err"
is "$(cat "$work/restore.err")" '' 'a dump is restored'
database=$copy
is "$(run 'SELECT kind, object, change, expected, actual FROM migrate_drift()')" \
    '' 'what is recorded is there'
is "$(run 'SELECT migrate_fingerprint()')" "$fingerprint" \
    'and has the same fingerprint'

# The texts have been others, or nothing was tried.
texts="SELECT string_agg(pg_get_constraintdef(oid), ' ' ORDER BY conname)
    FROM pg_constraint WHERE contype = 'c'"
is "$(test "$(run "$texts")" != "$(database=$first run "$texts")" && echo others)" \
    others 'though the server writes other texts'

finish
