# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# The functions that tests/corpora/run needs of PostgreSQL; it says what each
# does. Without PGHOST, a cluster of our own runs in $work. $PG_CONFIG says
# which PostgreSQL's psql and pg_dump are used.

engine_start() {
    local cluster=$root/tests/pg/cluster programs

    own_cluster=
    if programs=$("${PG_CONFIG:-pg_config}" --bindir 2>/dev/null); then
        PATH=$programs:$PATH
    fi
    command -v psql >/dev/null || die "psql is not installed"
    command -v pg_dump >/dev/null || die "pg_dump is not installed"
    if [[ -z ${PGHOST:-} ]]; then
        [[ -x $cluster ]] ||
            die "no server: set PGHOST; $cluster is not there to start one"
        "$cluster" start "$work/cluster" >"$work/cluster.out" 2>&1 || {
            cat "$work/cluster.out" >&2
            die "cannot start a server"
        }
        own_cluster=$cluster
        export PGHOST=$work/cluster PGUSER=postgres
    fi
    [[ -n $plain_only || -n $(postgresql_shell postgres -c \
        "SELECT 1 FROM pg_available_extensions WHERE name = 'migrate'") ]] ||
        die "the server does not know the extension; run make install first"
    postgresql_roles >"$work/roles"
}

engine_stop() {
    [[ -z $own_cluster ]] || "$own_cluster" stop "$work/cluster" >/dev/null
}

# psql, without the user's ~/.psqlrc, stopping at the first error.
postgresql_shell() {
    local database=$1

    shift
    psql -X -q -A -t -F $'\t' -v ON_ERROR_STOP=1 -d "$database" "$@"
}

postgresql_roles() {
    postgresql_shell postgres -c 'SELECT rolname FROM pg_roles' | LC_ALL=C sort
}

engine_create() {
    postgresql_shell postgres -c "CREATE DATABASE $1 TEMPLATE template0"
    [[ -z $setup ]] || postgresql_shell "$1" -f "$setup" >/dev/null
}

# Roles belong to the cluster: what one run made would be in the way of the
# next. In a server that is not ours they stay.
engine_drop() {
    local role

    postgresql_shell postgres \
        -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" 2>/dev/null
    [[ -n $own_cluster ]] || return 0
    postgresql_roles | LC_ALL=C comm -13 "$work/roles" - |
        while read -r role; do
            # It stays while another database needs it.
            postgresql_shell postgres -c "DROP ROLE \"${role//\"/\"\"}\"" \
                2>/dev/null || true
        done
}

engine_install() { postgresql_shell "$1" -c 'CREATE EXTENSION migrate'; }

engine_ask() {
    local database=$1 statement commands=()

    shift
    for statement in "$@"; do
        commands+=(-c "$statement")
    done
    postgresql_shell "$database" "${commands[@]}"
}

engine_feed() { postgresql_shell "$1" -f "$2" >/dev/null; }

# What cannot run in a transaction, or needs the commit of an earlier
# migration, is beyond one SELECT: then CALL migrate_deploy() is the way.
engine_up() {
    local directory=${2//\'/\'\'}

    how=
    engine_ask "$1" "SELECT migrate_up('$directory')" 2>"$work/select.err" &&
        return 0
    engine_ask "$1" "SELECT migrate_load('$directory')" \
        'CALL migrate_deploy()' || return 1
    how="               by CALL migrate_deploy(), after migrate_up() said:"
    how+=$'\n'$(show_errors "$work/select.err" 4)
}

engine_back() {
    engine_ask "$1" "SELECT migrate_rollback(${2:-})" 2>/dev/null ||
        engine_ask "$1" "CALL migrate_revert(${2:-})"
}

engine_objects() {
    pg_dump --schema-only "$1" | awk -f "$here/objects_postgresql.awk"
    postgresql_shell "$1" -f "$here/contents_postgresql.sql"
}
