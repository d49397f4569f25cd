#!/bin/bash
# What migrate_verify() says helps, where only this engine finds it: failures
# that are recorded, what others have put on the extension's tables, and
# objects that are there but do not work.  TAP; PGHOST and PGUSER say which server.
set -u

# shellcheck source=tests/pg/tap.sh
. "$(dirname "$0")/tap.sh"
begin migrate_pg_hints

add()
{
    run "SELECT migrate_add('$1', \$up\$$2\$up\$, \$down\$${3:-}\$down\$)" \
        > /dev/null
}

# hint KIND: of the only row of this kind.
hint()
{
    run "SELECT hint FROM migrate_verify() WHERE kind = '$1'"
}

clean()
{
    is "$(run "SELECT * FROM migrate_verify() WHERE kind <> 'drift'")" '' "$1"
}

# ---- A failed attempt, and a part that is done ----

add 1 'CREATE TABLE ran (what int)' 'DROP TABLE ran'
add 2 'SELECT 1/0'
run 'CALL migrate_deploy()' > /dev/null
like "$(hint failed)" "apply again, .*CALL migrate_deploy().*migrate_repair('2')" \
    'a failure names the call and the version'
run "SELECT migrate_repair('2')" > /dev/null
clean 'repair forgets it'
run 'CALL migrate_deploy()' > /dev/null
add 2 'SELECT 1'
run 'CALL migrate_deploy()' > /dev/null
clean 'so does what is mended and applied'
add 3 'BEGIN; INSERT INTO ran VALUES (1); COMMIT;
BEGIN; SELECT 1/0; COMMIT'
run 'CALL migrate_deploy()' > /dev/null
like "$(hint failed)" "migrate_repair('3')" 'one that is half done'
run "SELECT migrate_repair('3')" > /dev/null
clean 'is forgotten by its version'

# ---- On the extension's tables ----

# shellcheck disable=SC2016 # what has a $ in it is SQL
run 'CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
     CREATE TRIGGER mine BEFORE INSERT ON migrate_event EXECUTE FUNCTION noop();
     CREATE RULE mine AS ON INSERT TO migrate_applied DO ALSO SELECT 1;
     ALTER TABLE migrate_text ADD CONSTRAINT mine CHECK (true);
     CREATE TABLE theirs (hash text COLLATE "C" REFERENCES migrate_text);
     CREATE INDEX mine ON migrate_delta (version)' > /dev/null
remedies=$(run "SELECT split_part(hint, 'take it away: ', 2) || ';'
                FROM migrate_verify() WHERE kind = 'catalogue'")
is "$(wc -l <<< "$remedies")" 5 'each addition has a remedy'
run "$remedies" > /dev/null
clean 'the remedies take them away'

# ---- Objects that do not work ----

run 'CREATE TABLE one (id int PRIMARY KEY, a int, b int REFERENCES one)
     WITH (autovacuum_enabled = off)' > /dev/null
run 'INSERT INTO one VALUES (1, 1, 1), (2, 1, 1)' > /dev/null
run 'CREATE UNIQUE INDEX CONCURRENTLY broken ON one (a)' > /dev/null
run 'ALTER TABLE one ADD CONSTRAINT later CHECK (a < 3) NOT VALID;
     CREATE TRIGGER "off T" BEFORE INSERT ON one EXECUTE FUNCTION noop();
     ALTER TABLE one DISABLE TRIGGER ALL' > /dev/null
is "$(run "SELECT kind, count(*) > 0 FROM migrate_verify() WHERE kind <> 'drift'
           GROUP BY kind ORDER BY kind")" 'constraint|t
index|t
trigger|t' 'each kind is told'
run 'UPDATE one SET a = id' > /dev/null
index=$(hint index)
run "${index% builds it again; or drop it.}" > /dev/null
is "$(hint index)" '' 'the index is built again'
run "$(run "SELECT hint || ';' FROM migrate_verify()
            WHERE kind IN ('constraint', 'trigger')")" > /dev/null
clean 'the rest is done by the statements of the hints'

finish
