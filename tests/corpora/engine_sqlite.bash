# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# The functions that tests/corpora/run needs of SQLite; it says what each does.
# A database is a file in $work. $SQLITE3 names another shell.

engine_start() {
    sqlite=${SQLITE3:-sqlite3}
    command -v "$sqlite" >/dev/null || die "$sqlite is not installed"
    [[ -n $plain_only || -e $root/build/migrate.so ]] ||
        die "build/migrate.so is missing; run make first"
}

engine_stop() { :; }

# The shell, without the user's ~/.sqliterc.
sqlite_shell() {
    "$sqlite" -batch -bail -init "${setup:-/dev/null}" "$@"
}

engine_create() { sqlite_shell "$work/$1" 'SELECT 1' >/dev/null; }

engine_drop() { rm -f "$work/$1" "$work/$1"-{wal,shm,journal}; }

engine_install() { engine_ask "$1" 'SELECT migrate_version()' >/dev/null; }

engine_ask() {
    local database=$1

    shift
    sqlite_shell "$work/$database" ".load $root/build/migrate" "$@"
}

# With a third argument, go on behind what fails, and say nothing of it.
engine_feed() {
    if [[ -n ${3:-} ]]; then
        "$sqlite" -batch -init "${setup:-/dev/null}" "$work/$1" <"$2" \
            >/dev/null 2>&1 || true
    else
        sqlite_shell "$work/$1" <"$2" >/dev/null
    fi
}

engine_fill() { sqlite_shell "$work/$1" <"$here/rows_sqlite.sql" >"$2"; }

engine_back() { engine_ask "$1" "SELECT migrate_rollback(${2:-})"; }

engine_up() {
    engine_ask "$1" "SELECT migrate_up('${2//\'/\'\'}', '${3:-head}')"
}

engine_objects() {
    local database=$work/$1

    sqlite_shell -separator $'\t' "$database" <"$here/objects_sqlite.sql"
    # Counting and hashing take one statement for each table: they are written
    # by one query and run by the next shell.
    sqlite_shell "$database" <"$here/contents_sqlite.sql" |
        sqlite_shell -separator $'\t' "$database"
}
