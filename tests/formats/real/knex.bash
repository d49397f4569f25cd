# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# knex, from npm. Its migrations are JavaScript; the same steps stand beside them
# as SQL.

tables=(knex_migrations knex_migrations_lock)

obtain() {
    npm_install knex 'test -d node_modules/knex -a -d node_modules/pg' knex pg ||
        return 1
    [[ $engine == postgresql ]] || npm_sqlite knex
}

keep_first() { rm "$directory"/migrations/2026010[4-9]*; }

apply() {
    local script=$build/npm/knex/apply.mjs to=$url

    [[ $engine == postgresql ]] || to=$file
    cat >"$script" <<'END'
import knex from "knex";
const [kind, place, directory] = process.argv.slice(2);
const database = knex(kind === "sqlite"
    ? { client: "better-sqlite3", connection: { filename: place },
        useNullAsDefault: true }
    : { client: "pg", connection: place.replace(/\?.*/, "") });
await database.migrate.latest({ directory });
await database.destroy();
END
    node "$script" "$engine" "$to" "$directory/migrations"
}

source_of() { echo "$1/sql"; }
