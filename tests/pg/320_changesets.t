#!/bin/bash
# Liquibase's changesets in CALL migrate_deploy(): failures that do not end a
# run, preconditions before what no transaction can hold.  TAP; PGHOST and
# PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_changesets
chmod a+rx "$work"

# load, with the changesets on stdin
load()
{
    mkdir -p "$work/m"
    cat > "$work/m/x.sql"
    chmod -R a+rX "$work"
    run "SELECT migrate_load('$work/m')" > /dev/null
}

states()
{
    run "SELECT string_agg(split_part(version, '::', 2) || ' ' || state, ', ')
         FROM migrate_status()"
}

load <<'SQL'
--liquibase formatted sql
--changeset a:1
CREATE TABLE t (what text);
--changeset a:bad failOnError:false
INSERT INTO t VALUES ('bad');
INSERT INTO nowhere VALUES (1);
--changeset a:index
--preconditions onFail:MARK_RAN
--precondition-sql-check expectedResult:t SELECT to_regclass('t_what') IS NULL
CREATE INDEX CONCURRENTLY t_what ON t (what);
--changeset a:again
--preconditions onFail:MARK_RAN
--precondition-sql-check expectedResult:t SELECT to_regclass('t_what') IS NULL
CREATE INDEX CONCURRENTLY t_what ON t (what);
--changeset a:over
--preconditions onFail:CONTINUE onError:CONTINUE
--precondition-table-exists table:t schema:nowhere
CREATE INDEX CONCURRENTLY t_over ON t (what);
--changeset a:error
--preconditions onFail:HALT onError:MARK_RAN
--precondition-sql-check expectedResult:1 SELECT 1 / 0
INSERT INTO t VALUES ('error');
--changeset a:several
--preconditions onError:WARN
--precondition-sql-check expectedResult:1 SELECT generate_series(1, 2)
--precondition-table-exists table:T schema:PUBLIC
INSERT INTO t VALUES ('several');
SQL
like "$(run 'SELECT migrate_apply()')" \
    'ERROR:  0A000: migration "x.sql::index::a" failed' \
    'a function runs nothing when one needs the procedure'
said=$(say 'CALL migrate_deploy()')
like "$said" 'relation "nowhere" does not exist; its file says that the run goes on' \
    'a failure is told'
like "$said" 'x.sql::again::a" is recorded without being run' 'so is a mark'
like "$said" 'x.sql::several::a" is run although its precondition' 'and a warning'
is "$(states)" '1 applied, bad failed, index applied, again applied, over pending, error applied, several applied' \
    'what became of each'
is "$(run "SELECT string_agg(what, ' ') FROM t")" several 'their rows'
is "$(run "SELECT count(*) FROM migrate_history() WHERE outcome = 'failed'")" 1 \
    'one failure is recorded'

# In a function the failure ends the call, and says where it would not.
load <<'SQL'
--liquibase formatted sql
--changeset a:alone failOnError:false
INSERT INTO nowhere VALUES (1);
SQL
run "SELECT migrate_config('project', 'alone'), migrate_load('$work/m')" > /dev/null
like "$(run 'SELECT migrate_apply()')" 'where each migration has a commit of its own' \
    'a function says where it would go on'

# What a precondition writes is undone, also by a function that it calls.
load <<'SQL'
--liquibase formatted sql
--changeset a:writes
--precondition-sql-check expectedResult:1 SELECT writes()
SELECT 1;
SQL
run "SELECT migrate_config('project', 'writes'), migrate_load('$work/m')" > /dev/null
run "CREATE FUNCTION writes() RETURNS int LANGUAGE sql AS
     'INSERT INTO t VALUES (''written'') RETURNING 1'" > /dev/null
like "$(run 'CALL migrate_deploy()')" 'cannot execute INSERT in a read-only transaction' \
    'a precondition must not write'
is "$(run "SELECT count(*) FROM t WHERE what = 'written'")" 0 'nothing was written'
finish
