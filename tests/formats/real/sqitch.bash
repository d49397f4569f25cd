# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# Sqitch, from Debian.

all=7
tables=('sqitch.*')
registry=sqitch

obtain() { debian_install sqitch sqitch libdbd-sqlite3-perl libdbd-pg-perl; }

# All is planned, a part is deployed.
keep_first() { target=purchases; }

apply() {
    local to=db:pg://postgres@127.0.0.1:${PGPORT:-}/$database
    [[ $engine == postgresql ]] || to=db:sqlite:$file
    (cd "$directory" &&
        env HOME="$work" SQITCH_FULLNAME='Bob Deployer' \
            SQITCH_EMAIL=bob@example.org sqitch deploy --verify \
            ${target:+--to "$target"} "$to")
    target=
}
target=
