# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# sql-migrate, from Debian.

tables=(gorp_migrations)

obtain() { debian_install sql-migrate sql-migrate; }

keep_first() { rm "$directory"/[4-9]-*; }

apply() {
    local dialect=postgres source=$url
    [[ $engine == postgresql ]] || { dialect=sqlite3; source=$file; }
    printf 'development:\n  dialect: %s\n  datasource: %s\n  dir: %s\n' \
        "$dialect" "$source" "$directory" >"$work/dbconfig.yml"
    sql-migrate up -config="$work/dbconfig.yml"
}
