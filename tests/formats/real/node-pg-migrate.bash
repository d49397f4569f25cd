# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# node-pg-migrate, from npm.

engines=(postgresql)
tables=(pgmigrations)

obtain() {
    npm_install node-pg-migrate 'node_modules/.bin/node-pg-migrate --help' \
        node-pg-migrate pg
}

keep_first() { rm "$directory"/1767[5-9]*; }

apply() {
    (cd "$build/npm/node-pg-migrate" && DATABASE_URL=$url \
        node_modules/.bin/node-pg-migrate up --migrations-dir "$directory")
}
