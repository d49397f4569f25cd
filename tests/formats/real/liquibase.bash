# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# Liquibase 4.4, whose Java archive is in an old release of its npm package; the
# drivers are Debian's.

tables=(databasechangelog databasechangeloglock DATABASECHANGELOG
    DATABASECHANGELOGLOCK)
drivers=/usr/share/java/postgresql.jar:/usr/share/java/sqlite-jdbc.jar

obtain() {
    local archive=node_modules/liquibase/dist/liquibase/liquibase.jar

    command -v java >/dev/null || { echo "there is no java"; return 1; }
    npm_install liquibase "test -e $archive" liquibase@4.4.0 || return 1
    debian_install_file /usr/share/java/sqlite-jdbc.jar \
        libxerial-sqlite-jdbc-java || return 1
    debian_install_file /usr/share/java/postgresql.jar libpostgresql-jdbc-java
}

# All is in one file, a part is applied.
keep_first() { command=(updateCount 3); }

apply() {
    local home=$build/npm/liquibase/node_modules/liquibase/dist/liquibase
    local to="jdbc:postgresql://127.0.0.1:${PGPORT:-}/$database?user=postgres"

    [[ $engine == postgresql ]] || to=jdbc:sqlite:$file
    (cd "$directory" && java \
        -cp "$home/liquibase.jar:$home/lib/*:$drivers" \
        liquibase.integration.commandline.Main \
        --url="$to" --changeLogFile=changelog.sql --liquibaseProLicenseKey= \
        "${command[@]}")
    command=(update)
}
command=(update)
