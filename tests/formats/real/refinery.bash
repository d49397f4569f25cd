# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# refinery: a stand-in; its command is on crates.io alone. Forward alone.

tables=(refinery_schema_history)
reader=refinery
back=

begin_history() {
    echo 'CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY,
        name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));'
}

note() {
    local name

    name=$(cd "$directory" && echo "V$2"__*.sql)
    name=${name#*__}
    echo "INSERT INTO refinery_schema_history VALUES ($2, '${name%.sql}',
        '2026-02-01T10:00:0$1.123456789Z', NULL);"
}
