# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# Flyway: a stand-in; it is on Maven Central alone.

tables=(flyway_schema_history)
reader=flyway

begin_history() {
    local table=flyway_schema_history

    if [[ $engine == sqlite ]]; then
        echo "CREATE TABLE \"main\".\"$table\" (
            \"installed_rank\" INT NOT NULL PRIMARY KEY,
            \"version\" VARCHAR(50), \"description\" VARCHAR(200) NOT NULL,
            \"type\" VARCHAR(20) NOT NULL, \"script\" VARCHAR(1000) NOT NULL,
            \"checksum\" INT, \"installed_by\" VARCHAR(100) NOT NULL,
            \"installed_on\" TEXT NOT NULL
                DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
            \"execution_time\" INT NOT NULL, \"success\" BOOLEAN NOT NULL);
            CREATE INDEX \"main\".\"${table}_s_idx\" ON \"$table\" (\"success\");"
    else
        echo "CREATE TABLE \"public\".\"$table\" (
            \"installed_rank\" INT NOT NULL, \"version\" VARCHAR(50),
            \"description\" VARCHAR(200) NOT NULL,
            \"type\" VARCHAR(20) NOT NULL, \"script\" VARCHAR(1000) NOT NULL,
            \"checksum\" INTEGER, \"installed_by\" VARCHAR(100) NOT NULL,
            \"installed_on\" TIMESTAMP NOT NULL DEFAULT now(),
            \"execution_time\" INTEGER NOT NULL, \"success\" BOOLEAN NOT NULL);
            ALTER TABLE \"public\".\"$table\"
                ADD CONSTRAINT \"${table}_pk\" PRIMARY KEY (\"installed_rank\");
            CREATE INDEX \"${table}_s_idx\" ON \"public\".\"$table\" (\"success\");"
    fi
}

note() {
    local script name checksum

    script=$(cd "$directory" && echo "V$2"__*.sql)
    name=${script#*__}
    name=${name%.sql}
    checksum=$(python3 -c 'import sys, zlib
crc = zlib.crc32(b"".join(open(sys.argv[1], "rb").read().splitlines()))
print(crc - (1 << 32) if crc >> 31 else crc)' "$directory/$script")
    echo "INSERT INTO flyway_schema_history VALUES ($1, '$2', '${name//_/ }', 'SQL',
        '$script', $checksum, 'ada', '2026-02-01 10:00:0$1', 12, true);"
}
