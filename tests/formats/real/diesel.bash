# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# diesel: a stand-in; its command is on crates.io alone.

tables=(__diesel_schema_migrations)
reader=diesel

begin_history() {
    echo 'CREATE TABLE __diesel_schema_migrations (
        version VARCHAR(50) PRIMARY KEY NOT NULL,
        run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);'
}

note() {
    echo "INSERT INTO __diesel_schema_migrations
        VALUES ('$2', '2026-02-01 10:00:0$1');"
}
