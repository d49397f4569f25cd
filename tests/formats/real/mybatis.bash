# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# MyBatis Migrations: a stand-in; it is on Maven Central alone.

tables=(changelog CHANGELOG)
reader=mybatis

begin_history() {
    echo 'CREATE TABLE CHANGELOG (ID NUMERIC(20,0) NOT NULL,
        APPLIED_AT VARCHAR(25) NOT NULL, DESCRIPTION VARCHAR(255) NOT NULL);
        ALTER TABLE CHANGELOG ADD CONSTRAINT PK_CHANGELOG PRIMARY KEY (ID);' |
        if [[ $engine == sqlite ]]; then sed '/ALTER/d'; else cat; fi
}

note() {
    local name

    name=$(cd "$directory" && echo "$2"_*.sql)
    name=${name#*_}
    name=${name%.sql}
    echo "INSERT INTO CHANGELOG VALUES ($2, '2026-02-01 10:00:0$1',
        '${name//_/ }');"
}
