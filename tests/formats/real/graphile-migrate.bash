# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# graphile-migrate, from npm. PostgreSQL alone, forward alone.

engines=(postgresql)
tables=('graphile_migrate.*')
back=
source_of() { echo "$1/migrations"; }

obtain() {
    npm_install graphile-migrate 'node_modules/.bin/graphile-migrate --version' \
        graphile-migrate
}

keep_first() { rm "$directory"/migrations/committed/00000[4-9]*; }

apply() {
    (cd "$directory" && DATABASE_URL=$url \
        ROOT_DATABASE_URL=${url/$database/postgres} \
        SHADOW_DATABASE_URL=${url/$database/shadow} \
        "$build/npm/graphile-migrate/node_modules/.bin/graphile-migrate" migrate)
}
