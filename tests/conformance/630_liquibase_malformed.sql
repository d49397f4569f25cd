-- Liquibase: what cannot be read says file, line and what to do; nothing is
-- loaded then.
--@ a/x.sql
--| --liquibase formatted sql
--|
--| --changeset alice
--| SELECT 1;
--@ b/x.sql
--| --liquibase formatted sql
--| --changeset alice: 1
--| SELECT 1;
--@ c/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| --rollback SELECT 1;
--| --changeset alice:2
--| SELECT 1;
--@ d/x.sql
--| --liquibase formatted sql
--| --changeset alice:a,b
--| SELECT 1;
--| --changeset alice:a_b
--| SELECT 1;
--@ e/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| SELECT 1;
--| - rollback SELECT 2;
--@ f/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| SELECT 1;
--| /* liquibase rollback
--| SELECT 2;
--@ g/x.sql
--| --liquibase formatted sql
--| --changeset alice:1 runWith:psql
--| SELECT 1;
--@ h/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| --precondition-column-exists table:x
--| SELECT 1;
--@ i/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| --preconditions onFail:EXPLODE
--| SELECT 1;
--@ j/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| --precondition-sql-check expectedResult:1
--| SELECT 1;
--@ k/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| --precondition-table-exists table:"a b"
--| SELECT 1;
--@ l/x.sql
--| --liquibase formatted sql
--| --property name:a
--@ m/x.sql
--| --liquibase formatted sql
--| --changeset alice:1 endDelimiter:[a-z]\d
--| SELECT 1;
--@ n/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| SELECT 1;
--| --rollback changeSetId:9 changeSetAuthor:bob
--@ o/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| SELECT 1;
--| --rollback changeSetId:9
--@ p/x.sql
--| --liquibase formatted sql
--| --ignoreLines:start
--| --changeset alice:1
--@ q/x.sql
--| --liquibase formatted sql
--| --changeset alice:1 context:"a and (b"
--| SELECT 1;
--@ r/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| --rollbackSqlFile path:y.sql
--| SELECT 1;
--@ s/x.sql
--| --liquibase formatted sql
--| --changeset alice:${id}
--| SELECT 1;
--@ t/x.sql
--| --liquibase formatted sql
--| --changeset alice:0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901
--| SELECT 1;
--@ u/db.changelog-master.xml
--| <databaseChangeLog><changeSet id="1" author="a"/></databaseChangeLog>
--@ v/db.changelog-master.yaml
--| databaseChangeLog:
--|   - include:
--|       file: sql/x.sql
--@ v/sql/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| SELECT 1;
--@ v/sql/plain.sql
--| SELECT 2;
SELECT migrate_load('@DIR@/a');
SELECT migrate_load('@DIR@/b');
SELECT migrate_load('@DIR@/c');
SELECT migrate_load('@DIR@/d');
SELECT migrate_load('@DIR@/e');
SELECT migrate_load('@DIR@/f');
SELECT migrate_load('@DIR@/g');
SELECT migrate_load('@DIR@/h');
SELECT migrate_load('@DIR@/i');
SELECT migrate_load('@DIR@/j');
SELECT migrate_load('@DIR@/k');
SELECT migrate_load('@DIR@/l');
SELECT migrate_load('@DIR@/m');
SELECT migrate_load('@DIR@/n');
SELECT migrate_load('@DIR@/o');
SELECT migrate_load('@DIR@/p');
SELECT migrate_load('@DIR@/q');
SELECT migrate_load('@DIR@/r');
SELECT migrate_load('@DIR@/s');
SELECT migrate_load('@DIR@/t');
SELECT migrate_load('@DIR@/u');
SELECT migrate_load('@DIR@/v');
SELECT file, note FROM migrate_sources('@DIR@/v');
SELECT count(*) FROM migrate_status();
SELECT migrate_load('@DIR@/v/sql');
SELECT migrate_config('skip_foreign', 'on');
SELECT migrate_config('project', 'other');
SELECT migrate_load('@DIR@/v');
SELECT version FROM migrate_status();
