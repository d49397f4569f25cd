# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# dbmate, from npm.

times=
tables=(schema_migrations)

obtain() { npm_install dbmate 'node_modules/.bin/dbmate --version' dbmate; }

keep_first() { rm "$directory"/2026010[4-9]*; }

apply() {
    local to=$url
    [[ $engine == postgresql ]] || to=sqlite:$file
    "$build/npm/dbmate/node_modules/.bin/dbmate" --url "$to" \
        -d "$directory" --no-dump-schema up
}
