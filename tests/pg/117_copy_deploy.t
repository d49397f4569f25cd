#!/bin/bash
# Data and psql's commands in migrations that CALL migrate_deploy() runs.  TAP;
# PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_copy_deploy
server=$(run 'SHOW server_version_num')

# add VERSION, with the script on stdin
add()
{
    run "SELECT migrate_add('$1', \$up\$$(cat)\$up\$)" > /dev/null
}

add 1 <<'SQL'
\echo data
CREATE TABLE t (i int PRIMARY KEY, v text);
COPY t FROM stdin;
1	a
2	b
\.
SQL
add 2 <<'SQL'
COPY t FROM stdin;
3	c
\.
CREATE INDEX CONCURRENTLY \timing
    t_v ON t (v);
COPY t FROM stdin;
4	d
\.
SQL
add 3 <<'SQL'
BEGIN;
COPY t FROM stdin;
5	e
\.
COMMIT;
BEGIN;
COPY t FROM stdin;
6	f
\.
COMMIT;
SQL
like "$(say 'CALL migrate_deploy()')" '3 migrations applied' 'deploy'
is "$(run 'SELECT string_agg(v, NULL ORDER BY i) FROM t')" abcdef \
    'all data are there'
is "$(run "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass")" \
    t 'an index is made between them'

# A failing row undoes its migration alone, and is recorded.
add 4 <<'SQL'
COPY t FROM stdin;
7	g
\.
SQL
add 5 <<'SQL'
SELECT 1;
COPY t FROM stdin;
8	h
9	i
7	j
\.
SQL
line=5
[ "$server" -ge 140000 ] || line=2
said=$(say 'CALL migrate_deploy()')
like "$said" "^ERROR:  23505: migration \"5\" failed at line $line: duplicate key" \
    'a row that fails is named with its line'
like "$said" 'COPY t, line 3' 'with the context of the server'
is "$(run 'SELECT string_agg(v, NULL ORDER BY i) FROM t')" abcdefg \
    'what was committed before it stays'
is "$(run "SELECT outcome, detail LIKE '%failed at line $line%'
           FROM migrate_history()
           WHERE version = '5' AND action = 'apply'")" 'failed|t' \
    'the attempt is in the history'
add 5 <<'SQL'
COPY t FROM stdin;
8	h
\.
SQL
like "$(say 'CALL migrate_deploy()')" '1 migration applied' 'mended'

# With a limit for each statement
add 6 <<'SQL'
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(10); RETURN new; END';
CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION slow();
SELECT 1;
COPY t FROM stdin;
9	i
\.
SQL
run "SELECT migrate_config('statement_timeout', '300ms')" > /dev/null
line=6
[ "$server" -ge 140000 ] || line=5
like "$(say 'CALL migrate_deploy()')" \
    "^ERROR:  57014: migration \"6\" failed at line $line: " \
    'statement_timeout holds for COPY'
is "$(run 'SELECT count(*) FROM t')" 8 'which is undone'
run "SELECT migrate_config('statement_timeout', NULL);
     SELECT migrate_add('6', 'SELECT 1')" > /dev/null

# A million rows, and statements round them
mkdir "$work/large"
{
    echo 'CREATE TABLE large (id int, name text);'
    echo 'COPY large FROM stdin;'
    seq 1000000 | sed 's/$/\tname/'
    echo '\.'
    echo 'CREATE UNIQUE INDEX large_id ON large (id);'
} > "$work/large/7_large.sql"
chmod -R a+rX "$work"
run "SELECT migrate_load('$work/large'); CALL migrate_deploy()" > /dev/null
is "$(run 'SELECT count(*), sum(id), count(DISTINCT name) FROM large')" \
    '1000000|500000500000|1' 'a million rows'
sed -i '500002s/.*/x\tname/' "$work/large/7_large.sql"
sed -i 's/large/larger/g; s/large_id/larger_id/' "$work/large/7_large.sql"
mv "$work/large/7_large.sql" "$work/large/8_larger.sql"
line=500002
[ "$server" -ge 140000 ] || line=2
like "$(run "SELECT migrate_load('$work/large'); CALL migrate_deploy()")" \
    "^ERROR:  22P02: migration \"8\" failed at line $line: " \
    'and one of them wrong'

finish
