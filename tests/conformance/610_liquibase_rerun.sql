-- Liquibase: changesets that run again in their place, and changes that are
-- accepted.
--@ m/changes.sql
--| --liquibase formatted sql
--| --changeset a:1
--| CREATE TABLE log (at integer, what varchar(20));
--| --rollback DROP TABLE log;
--| --changeset a:always runAlways:true
--| INSERT INTO log SELECT count(*), 'always' FROM log;
--| --rollback INSERT INTO log SELECT count(*), 'no always' FROM log;
--| --changeset a:changed runOnChange:true
--| INSERT INTO log SELECT count(*), 'changed' FROM log;
--| --rollback INSERT INTO log SELECT count(*), 'no changed' FROM log;
--| --changeset a:accepted
--| --validCheckSum: ANY
--| INSERT INTO log SELECT count(*), 'accepted' FROM log;
--| --rollback not required
--| --changeset a:last
--| INSERT INTO log SELECT count(*), 'last' FROM log;
--| --rollback INSERT INTO log SELECT count(*), 'no last' FROM log;
SELECT migrate_up('@DIR@/m');
SELECT what FROM log ORDER BY at;
SELECT version, state, detail FROM migrate_status();
-- What runs in every run is not pending: there would be no end to it.
SELECT migrate_pending();
SELECT migrate_apply();
SELECT migrate_up('@DIR@/m');
SELECT what FROM log WHERE at > 3 ORDER BY at;

-- A target in front of it leaves it alone; a number of steps does not count it.
SELECT migrate_apply('changes.sql::1::a');
SELECT migrate_apply('+1');
SELECT what FROM log WHERE at > 5 ORDER BY at;

-- Another text.
--! sed -i "s/'changed'/'changed 2'/; s/'accepted'/'accepted 2'/; s/'always'/'always 2'/" @DIR@/m/changes.sql
SELECT migrate_load('@DIR@/m');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
SELECT migrate_apply('+1');
SELECT what FROM log WHERE at > 6 ORDER BY at;
SELECT migrate_pending();
SELECT version, state, detail FROM migrate_status();

-- They keep their places among those to be rolled back.
SELECT migrate_rollback();
SELECT migrate_rollback('changes.sql::always::a');
SELECT what FROM log WHERE at > 8 ORDER BY at;
SELECT migrate_apply();
SELECT migrate_rollback('base');
SELECT count(*) FROM migrate_status() WHERE state = 'pending';

-- The way back is no part of the text, but a pending one's is replaced.
--! sed -i "s/'no last'/'undone'/" @DIR@/m/changes.sql
SELECT migrate_load('@DIR@/m');
SELECT migrate_apply();
--! sed -i "s/'undone'/'undone twice'/" @DIR@/m/changes.sql
SELECT migrate_load('@DIR@/m');
SELECT version, state FROM migrate_status() WHERE state <> 'applied';
SELECT migrate_rollback();
SELECT what FROM log WHERE what LIKE 'un%';
