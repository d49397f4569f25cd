#!/bin/bash
# What needs a server of its own: few workers, few locks, replication.  TAP.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
database=migrate_pg_servers
work=$(mktemp -d)
chmod 711 "$work"
cluster=$(dirname "$0")/cluster
small=$work/small
publisher=$work/publisher

end_servers()
{
    "$cluster" stop "$small"
    "$cluster" stop "$publisher"
    rm -rf "$work"
}
trap end_servers EXIT

# on SERVER SQL
on()
{
    PGHOST=$1 PGUSER=postgres run "$2"
}

# add VERSION UP [DOWN]: to the small server.
add()
{
    on "$small" "SELECT migrate_add('$1', \$up\$$2\$up\$, \$down\$${3:-}\$down\$)" \
        > /dev/null
}

# start SETTING=VALUE...: the small server.
start()
{
    "$cluster" stop "$small"
    "$cluster" start "$small" "$@"
    PGHOST=$small PGUSER=postgres admin "CREATE DATABASE $database"
    on "$small" 'CREATE EXTENSION migrate'
}

# ---- No worker is free, and no room for locks ----

start max_worker_processes=0 max_connections=10 max_locks_per_transaction=20 \
    autovacuum=off
on "$small" 'CREATE TABLE t (v int)'
add 1 'CREATE INDEX CONCURRENTLY t_v ON t (v)'
said=$(on "$small" 'CALL migrate_deploy()')
like "$said" '^ERROR:  53400: .*no background worker is free' 'no worker is free'
like "$said" '^HINT: .*max_worker_processes (now 0)' 'with the setting to raise'
add 1 'SELECT 1'
# The server has room for more locks than it says, the newer the more.
for i in $(seq 2 40); do
    add "$i" "DO \$\$ BEGIN FOR i IN 1..100 LOOP
        EXECUTE format('CREATE TABLE t_${i}_%s (id int)', i);
        END LOOP; END \$\$"
done
said=$(on "$small" 'SELECT migrate_apply()')
like "$said" '^ERROR:  53200: .*out of shared memory' \
    'too many tables for one transaction'
like "$said" '^HINT: .*CALL migrate_deploy()' 'a hint names the way'
is "$(on "$small" 'CALL migrate_deploy(); SELECT migrate_current()')" 40 \
    'which works'

# ---- Subscriptions and tablespaces ----

start wal_level=logical
"$cluster" start "$publisher" wal_level=logical
PGHOST=$publisher PGUSER=postgres psql -X -q postgres \
    -c 'CREATE TABLE sent (id int PRIMARY KEY)' \
    -c 'CREATE PUBLICATION pub FOR TABLE sent'
on "$small" 'CREATE TABLE sent (id int PRIMARY KEY)'
add 1 "CREATE SUBSCRIPTION sub
       CONNECTION 'host=$publisher user=postgres dbname=postgres' PUBLICATION pub" \
    'DROP SUBSCRIPTION sub'
is "$(on "$small" 'CALL migrate_deploy(); SELECT subname FROM pg_subscription')" \
    sub 'CREATE SUBSCRIPTION with its slot'
is "$(on "$small" 'CALL migrate_revert(); SELECT count(*) FROM pg_subscription')" \
    0 'DROP SUBSCRIPTION'
space=$work/space
mkdir "$space"
chown --reference="$small/data" "$space"
add 1 "CREATE TABLESPACE space LOCATION '$space'" 'DROP TABLESPACE space'
is "$(on "$small" "CALL migrate_deploy();
                   SELECT count(*) FROM pg_tablespace WHERE spcname = 'space'")" \
    1 'CREATE TABLESPACE'
is "$(on "$small" "CALL migrate_revert();
                   SELECT count(*) FROM pg_tablespace WHERE spcname = 'space'")" \
    0 'DROP TABLESPACE'

finish
