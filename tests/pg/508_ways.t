#!/bin/bash
# Which of the cases of 505_touched.sql are recorded without a list of all
# objects: all of the kinds named here.  The rest is told beside it.  TAP.
set -u
# shellcheck source=tests/pg/lib.bash
source "$(dirname "$0")/lib.bash"

# One of the cases names the database.
server one autovacuum=off log_min_messages=debug1 statement_timeout=300s
must one postgres postgres 'CREATE DATABASE migrate_pg_test'
must one postgres migrate_pg_test 'CREATE EXTENSION pgtap'
(cd "$(dirname "$0")" && "$bindir/psql" -X -h "$work/one" -U postgres -q \
    -f 505_touched.sql migrate_pg_test) > "$work/cases" 2>&1
is "$(grep -c '^not ok' "$work/cases")" 0 'the cases pass'

# "few", "all" or "none", and the statement, for each.
awk '/DEBUG:  case: / {sub(/^.*DEBUG:  case: /, ""); statement = $0; lists = 0
                       way = "none"}
     /DEBUG:  all objects are listed/ {if (++lists > 1) way = "all"}
     /DEBUG:  the objects of .* are listed/ {way = "few"}
     /DEBUG:  end of case/ {print way " " statement}' \
    "$work/one/server.log" > "$work/ways"
is "$(wc -l < "$work/ways")" "$(grep -c '^ok' "$work/cases" |
    awk '{print $1 - 1}')" 'each says what was listed'
sed 's/^/# /' "$work/ways" | cut -c 1-100 | sort

# Statements that begin so, and how many there must be at least.
while read -r least begin; do
    found=$(grep -c "^few $begin" "$work/ways")
    is "$((found >= least))" 1 "$begin: $found without a list of all"
done <<'EOF'
4 CREATE TABLE
4 DROP TABLE
45 ALTER TABLE
2 CREATE \(UNIQUE \)\?INDEX
3 CREATE \(OR REPLACE \)\?VIEW
9 CREATE \(OR REPLACE \)\?\(FUNCTION\|PROCEDURE\|AGGREGATE\)
9 ALTER \(FUNCTION\|PROCEDURE\|AGGREGATE\|ROUTINE\)
3 DROP \(FUNCTION\|PROCEDURE\|AGGREGATE\)
4 CREATE TYPE
1 ALTER TYPE app.mood ADD VALUE
1 CREATE DOMAIN
5 ALTER DOMAIN
10 \(GRANT\|REVOKE\)
10 COMMENT ON
EOF
finish
