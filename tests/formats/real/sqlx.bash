# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# sqlx: a stand-in; its command is on crates.io alone.

tables=(_sqlx_migrations)
reader=sqlx

begin_history() {
    local time=TIMESTAMP now=CURRENT_TIMESTAMP bytes=BLOB

    if [[ $engine == postgresql ]]; then
        time=TIMESTAMPTZ now='now()' bytes=BYTEA
    fi
    echo "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY,
        description TEXT NOT NULL, installed_on $time NOT NULL DEFAULT $now,
        success BOOLEAN NOT NULL, checksum $bytes NOT NULL,
        execution_time BIGINT NOT NULL);"
}

note() {
    local file name sum

    file=$(echo "$directory/$2"_*.up.sql)
    name=${file##*/"$2"_}
    name=${name%.up.sql}
    sum=$(sha384sum "$file")
    sum=${sum%% *}
    if [[ $engine == sqlite ]]; then sum="x'$sum'"; else sum="'\\x$sum'"; fi
    echo "INSERT INTO _sqlx_migrations VALUES ($2, '${name//_/ }',
        '2026-02-01 10:00:0$1', true, $sum, 1200000);"
}
