# shellcheck shell=bash
# For tests that start servers of their own:
#
#     source "$(dirname "$0")/lib.bash"
#     server one                          # makes $work/one, runs its server
#     is "$(sql one postgres postgres 'SELECT 1')" 1 'a name'
#     finish
#
# What was started ends with the test, however that ends.
# shellcheck disable=SC2034  # used by those who source it

# shellcheck source=tests/pg/tap.sh
source "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

servers=()
helpers=() # process numbers of other programs
cluster=$(realpath "$(dirname "${BASH_SOURCE[0]}")")/cluster
bindir=$("${PG_CONFIG:-pg_config}" --bindir)
major=$("${PG_CONFIG:-pg_config}" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
work=$(mktemp -d)
chmod 755 "$work"
unset PGHOST PGPORT PGUSER PGDATABASE PGOPTIONS

# End a program that was started here.
end()
{
    kill "$1" 2> /dev/null || return 0
    for _ in $(seq 50); do
        kill -0 "$1" 2> /dev/null || break
        sleep 0.05
    done
    kill -9 "$1" 2> /dev/null
    wait "$1" 2> /dev/null
}

clean_up()
{
    local name
    # The last one first: a client before its pooler.
    for ((name = ${#helpers[@]} - 1; name >= 0; name--)); do
        end "${helpers[name]}"
    done
    # The last one first: a standby before its primary.
    for ((name = ${#servers[@]} - 1; name >= 0; name--)); do
        "$cluster" stop "$work/${servers[name]}"
    done
    wait
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# server NAME [SETTING=VALUE ...]
# Nothing that a test does there takes long: what waits for ever fails instead.
server()
{
    servers+=("$1")
    "$cluster" start "$work/$1" statement_timeout=30s \
        client_min_messages=warning "${@:2}" ||
        bail "no server"
}

# standby NAME PRIMARY
standby()
{
    servers+=("$1")
    "$cluster" standby "$work/$1" "$work/$2" || bail "no standby"
}

# A folder of migrations that servers can read:
# migrations NAME FILE TEXT [FILE TEXT ...]
migrations()
{
    local folder=$work/$1
    mkdir -p "$folder"
    shift
    while [ $# -gt 0 ]; do
        printf '%s\n' "$2" > "$folder/$1"
        shift 2
    done
    chmod -R a+rX "$folder"
}

# psql, with bare values, and errors with their SQLSTATE:
# quiet_psql SERVER USER DATABASE ARGUMENT ...
quiet_psql()
{
    "$bindir/psql" -X -q -A -t -v VERBOSITY=verbose -v ON_ERROR_STOP=1 \
        -h "$work/$1" -U "$2" -d "$3" "${@:4}" 2>&1 |
        sed 's/^psql:[^ ]*: //' | grep -v '^LOCATION:'
    return "${PIPESTATUS[0]}"
}

# Run SQL, each command a transaction of its own:
# sql SERVER USER DATABASE COMMAND ...
sql()
{
    local commands=() command
    for command in "${@:4}"; do
        commands+=(-c "$command")
    done
    quiet_psql "${@:1:3}" "${commands[@]}"
}

# Run SQL as one transaction; prints the rows of each statement:
# transaction SERVER USER DATABASE STATEMENTS
transaction()
{
    printf '%s;\n' BEGIN "$4" COMMIT | quiet_psql "${@:1:3}" -f -
}

# The same, for what must succeed; prints nothing.
must()
{
    local said
    said=$(sql "$@") || bail "$said"
}

# Give up: what follows makes no sense.
bail()
{
    echo "not ok $((tests + 1)) - cannot go on"
    printf '%s\n' "$*" | sed 's/^/#   /'
    exit 1
}

# Wait, 10 s at most, until a query says t: wait_for SERVER DATABASE QUERY
wait_for()
{
    for _ in $(seq 200); do
        [ "$(sql "$1" postgres "$2" "$3")" = t ] && return 0
        sleep 0.05
    done
    echo "# waited in vain: $3"
    return 1
}

# All that a database knows: the contents of each table that the extension wants
# dumped, the history, the states.  knowledge SERVER DATABASE SCHEMA
knowledge()
{
    local query
    query=$(sql "$1" postgres "$2" "
        SELECT string_agg(format('SELECT %L, count(*), md5(string_agg(t::text,
                   ''~'' ORDER BY t::text COLLATE \"C\")) FROM %s t',
                   relname, c.oid::regclass),
                   ' UNION ALL ' ORDER BY relname)
        FROM pg_extension, unnest(extconfig) AS id
        JOIN pg_class c ON c.oid = id
        WHERE extname = 'migrate'")
    sql "$1" postgres "$2" "$query ORDER BY 1" "
        SELECT count(*), count(previous_hash) FROM $3.migrate_history() h
        JOIN $3.migrate_event e USING (seq)" "
        SELECT version, state, reversible, detail FROM $3.migrate_status()"
}

# Who may execute what, who owns the tables, and what they are for.
# rights SERVER DATABASE SCHEMA
rights()
{
    sql "$1" postgres "$2" "
        SELECT p.oid::regprocedure, array(SELECT a::text COLLATE \"C\"
                   FROM unnest(proacl) a ORDER BY 1),
               obj_description(p.oid, 'pg_proc')
        FROM pg_proc p WHERE pronamespace = '$3'::regnamespace
        ORDER BY p.oid::regprocedure::text" "
        SELECT relname, relowner::regrole, relacl,
               obj_description(oid, 'pg_class')
        FROM pg_class WHERE relnamespace = '$3'::regnamespace
        ORDER BY relname"
}
