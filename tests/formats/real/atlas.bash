# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# Atlas: a stand-in; its package on npm downloads the program from elsewhere.
# Forward alone.

tables=(atlas_schema_revisions)
reader=atlas
back=

begin_history() {
    if [[ $engine == sqlite ]]; then
        # shellcheck disable=SC2016 # quotes of SQL
        echo 'CREATE TABLE `atlas_schema_revisions` (`version` text NOT NULL,
            `description` text NOT NULL, `type` integer NOT NULL DEFAULT 2,
            `applied` integer NOT NULL DEFAULT 0,
            `total` integer NOT NULL DEFAULT 0, `executed_at` datetime NOT NULL,
            `execution_time` integer NOT NULL, `error` text NULL,
            `error_stmt` text NULL, `hash` text NOT NULL,
            `partial_hashes` json NULL, `operator_version` text NOT NULL,
            PRIMARY KEY (`version`));'
    else
        echo 'CREATE TABLE atlas_schema_revisions (
            version character varying NOT NULL PRIMARY KEY,
            description character varying NOT NULL,
            type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL DEFAULT 0,
            total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL,
            execution_time bigint NOT NULL, error text NULL,
            error_stmt text NULL, hash character varying NOT NULL,
            partial_hashes jsonb NULL,
            operator_version character varying NOT NULL);'
    fi
}

note() {
    local file hash

    file=$(cd "$directory" && echo "$2"_*.sql)
    hash=$(sed -n "s/^$file h1://p" "$directory/atlas.sum")
    file=${file#*_}
    echo "INSERT INTO atlas_schema_revisions VALUES ('$2', '${file%.sql}', 2, 1,
        1, '2026-02-01 10:00:0$1.5+00:00', 1200000, '', '', '$hash', NULL,
        'Atlas CLI v1.0.0');"
}
