# What tests that need several sessions share; sourced by them.
#
# PGHOST and PGUSER say which server.  Each has a database of its own, with the
# extension in it, and a folder $work, both gone at the end.
# shellcheck shell=bash

tests=0
failures=0

admin()
{
    psql -X -q -c "$1" postgres
}

# Run SQL in the test's database; prints bare values, and errors with all that
# belongs to them.  Notices are left out.
run()
{
    say "$1" | grep -v '^NOTICE:'
}

# The same with notices and warnings.
say()
{
    printf '%s;\n' "$1" |
        psql -X -q -A -t -v VERBOSITY=verbose -d "$database" 2>&1 |
        grep -v '^LOCATION:'
}

clean_up()
{
    # shellcheck disable=SC2046
    kill $(jobs -p) 2> /dev/null
    wait
    admin "DROP DATABASE IF EXISTS $database" 2> /dev/null
    rm -rf "$work"
}

# begin DATABASE
begin()
{
    database=$1
    work=$(mktemp -d)
    trap clean_up EXIT
    admin "DROP DATABASE IF EXISTS $database" 2> /dev/null
    admin "CREATE DATABASE $database"
    run 'CREATE EXTENSION migrate' > /dev/null
}

# is GOT WANTED NAME
is()
{
    tests=$((tests + 1))
    if [ "$1" = "$2" ]; then
        echo "ok $tests - $3"
    else
        failures=$((failures + 1))
        echo "not ok $tests - $3"
        printf '%s\n' "got: $1" "wanted: $2" | sed 's/^/#   /'
    fi
}

# like GOT PATTERN NAME
like()
{
    if printf '%s' "$1" | grep -q -- "$2"; then
        is x x "$3"
    else
        is "$1" "a match of $2" "$3"
    fi
}

# unlike GOT PATTERN NAME
unlike()
{
    if printf '%s' "$1" | grep -q -- "$2"; then
        is "$1" "no match of $2" "$3"
    else
        is x x "$3"
    fi
}

# Say why a test cannot be made here.
skip()
{
    tests=$((tests + 1))
    echo "ok $tests # SKIP $1"
}

# Wait, 10 s at most, until a query says t.
wait_until()
{
    for _ in $(seq 200); do
        [ "$(run "$1")" = t ] && return 0
        sleep 0.05
    done
    echo "# waited in vain: $1"
    return 1
}

# Open a session that goes on until close_session: tell SQL sends it something.
open_session()
{
    [ -p "$work/session" ] || mkfifo "$work/session"
    psql -X -q -A -t -d "$database" < "$work/session" > "$work/session.out" 2>&1 &
    session=$!
    exec 3> "$work/session"
}

tell()
{
    echo "$1" >&3
}

close_session()
{
    exec 3>&-
    wait "$session"
}

# End with the plan.
finish()
{
    echo "1..$tests"
    [ "$failures" -eq 0 ]
}
