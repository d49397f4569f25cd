# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# Alembic, from Debian. What is loaded is what it prints with --sql.

times=
tables=(alembic_version)

obtain() { debian_install alembic alembic python3-psycopg2; }

# All is there, a part is applied.
keep_first() { target=3a0c00000003; }

call_alembic() {
    local to=${url/postgres:/postgresql:}
    [[ $engine == postgresql ]] || to=sqlite:///$file
    (cd "$directory" && alembic -x url="$to" "$@")
}

apply() {
    call_alembic upgrade "$target"
    target="head"
}
target="head"

produce() {
    call_alembic upgrade head --sql >"$1/upgrade.sql" 2>>"$work/log"
    call_alembic downgrade head:base --sql >"$1/downgrade.sql" 2>>"$work/log"
}

source_of() { echo "$work/made"; }
