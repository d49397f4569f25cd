# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# golang-migrate: a stand-in; neither Debian nor npm has it.

tables=(schema_migrations)
reader=golang-migrate
times=

begin_history() {
    if [[ $engine == sqlite ]]; then
        echo 'CREATE TABLE schema_migrations (version uint64, dirty bool);
            CREATE UNIQUE INDEX version_unique ON schema_migrations (version);'
    else
        echo 'CREATE TABLE schema_migrations (
            version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);'
    fi
}

note() {
    echo "DELETE FROM schema_migrations;
        INSERT INTO schema_migrations VALUES ($1, false);"
}
