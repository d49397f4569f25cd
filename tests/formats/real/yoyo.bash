# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# yoyo, from Debian.

tables=(_yoyo_migration _yoyo_log _yoyo_version yoyo_lock)

obtain() { debian_install yoyo yoyo python3-psycopg2; }

keep_first() { rm "$directory"/000[4-9].*; }

apply() {
    local to=${url/postgres:/postgresql:}
    [[ $engine == postgresql ]] || to=sqlite:///$file
    (cd "$work" && yoyo apply --batch --no-config-file --no-cache \
        --database "$to" "$directory")
}
