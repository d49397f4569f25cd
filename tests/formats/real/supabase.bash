# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# The Supabase CLI, from npm. PostgreSQL alone, forward alone.

engines=(postgresql)
times=
tables=('supabase_migrations.*')
back=

obtain() { npm_install supabase 'node_modules/.bin/supabase --version' supabase; }

keep_first() { rm "$directory"/supabase/migrations/2026010[4-9]*; }

apply() {
    (cd "$directory" && env HOME="$work" SUPABASE_TELEMETRY_DISABLED=1 \
        "$build/npm/supabase/node_modules/.bin/supabase" migration up \
        --remote="$url" --yes)
}
