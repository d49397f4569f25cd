-- Liquibase: which changesets are for this database: contexts, labels, dbms,
-- ignore; settings take effect at once.
--@ m/changes.sql
--| --liquibase formatted sql
--| --changeset a:1
--| CREATE TABLE log (what varchar(20));
--| --changeset a:test context:test
--| INSERT INTO log VALUES ('test');
--| --changeset a:not contextFilter:"!test and (dev or qa)"
--| INSERT INTO log VALUES ('not');
--| --changeset a:slow labels:slow,big
--| INSERT INTO log VALUES ('slow');
--| --changeset a:quick labels:quick
--| INSERT INTO log VALUES ('quick');
--| --changeset a:oracle dbms:oracle,mysql runWith:sqlplus
--| no SQL that is known here
--| --changeset a:ours dbms:sqlite,postgresql,oracle
--| INSERT INTO log VALUES ('ours');
--| --changeset a:others dbms:!oracle
--| INSERT INTO log VALUES ('others');
--| --changeset a:none dbms:none
--| INSERT INTO log VALUES ('none');
--| --changeset a:ignored ignore:true
--| INSERT INTO log VALUES ('ignored');
--| --changeset a:required context:@strict
--| INSERT INTO log VALUES ('required');
SELECT migrate_load('@DIR@/m');
-- With no contexts and no labels everything runs but what has to be asked for.
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
SELECT migrate_config('contexts', 'TEST, other');
SELECT migrate_config('labels', 'not slow or (big and quick)');
SELECT version, state, detail FROM migrate_status() WHERE state = 'skipped';
SELECT migrate_apply('changes.sql::slow::a');
SELECT migrate_apply();
SELECT what FROM log;
-- What was skipped stands below what is applied: that is no mistake here.
SELECT migrate_config('contexts', 'qa,strict');
SELECT migrate_config('labels', NULL);
SELECT version, state, detail FROM migrate_status() WHERE state <> 'applied';
SELECT migrate_apply();
SELECT what FROM log ORDER BY what;
SELECT migrate_config('labels', 'not');
SELECT migrate_config('labels', '(((a)');
