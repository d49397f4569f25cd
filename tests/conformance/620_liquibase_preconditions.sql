-- Liquibase: preconditions, asked before a changeset's statements.
--@ m/changes.sql
--| --liquibase formatted sql
--| --property name:tableName value:log
--| --changeset a:1
--| CREATE TABLE log (what varchar(20));
--| CREATE VIEW seen AS SELECT what FROM log;
--| --changeset a:holds
--| --preconditions onFail:HALT onError:HALT
--| --precondition-sql-check expectedResult:0 SELECT count(*) FROM log;
--| --precondition-table-exists table:LOG
--| --precondition-view-exists view:seen
--| INSERT INTO log VALUES ('holds');
--| --changeset a:continue
--| --preconditions onFail:CONTINUE
--| --precondition-sql-check expectedResult:"7" SELECT count(*) FROM log -- a comment
--| INSERT INTO log VALUES ('continue');
--| --rollback DELETE FROM ${tablename} WHERE what = 'continue';
--| --changeset a:mark
--| --preconditions onFail:MARK_RAN onFailMessage:"it is there already"
--| --precondition-table-exists table:nowhere
--| INSERT INTO log VALUES ('mark');
--| --changeset a:warn
--| --preconditions onFail:WARN
--| --precondition-view-exists view:log
--| INSERT INTO log VALUES ('warn');
--| --changeset a:error
--| --preconditions onError:MARK_RAN
--| --precondition-sql-check expectedResult:0 SELECT count(*) FROM nowhere
--| INSERT INTO log VALUES ('error');
--| --changeset a:none
--| --preconditions onFail:MARK_RAN
--| --precondition-sql-check expectedResult:'x' SELECT what FROM log WHERE what = 'nobody'
--| INSERT INTO log VALUES ('none');
--| --changeset a:last
--| --precondition-sql-check expectedResult:${wanted} SELECT count(*) FROM ${tablename}
--| INSERT INTO log VALUES ('last');
--| --rollback DELETE FROM ${tablename} WHERE what = 'last';
SELECT migrate_load('@DIR@/m');
SELECT migrate_config('var.wanted', '4');
SELECT migrate_apply('changes.sql::none::a');
SELECT what FROM log;
SELECT version, state FROM migrate_status();
SELECT version, action, detail FROM migrate_history()
WHERE action = 'stamp' AND detail NOT LIKE '%nowhere%';
-- Halting is the usual thing; nothing of the migration was run.
SELECT migrate_apply();
SELECT what FROM log;
SELECT migrate_config('var.wanted', '2');
SELECT migrate_apply();
SELECT what FROM log;
-- One is left, which is asked again each time.
SELECT version, state FROM migrate_status() WHERE state <> 'applied';
SELECT migrate_apply();
INSERT INTO log VALUES ('a');
INSERT INTO log VALUES ('b');
INSERT INTO log VALUES ('c');
INSERT INTO log VALUES ('d');
SELECT migrate_apply();
SELECT what FROM log WHERE what = 'continue';
-- It was applied last; the way back has its property's value.
SELECT migrate_rollback('changes.sql::none::a');
SELECT what FROM log;

-- What asks must be one query that changes nothing.
--@ bad/changes.sql
--| --liquibase formatted sql
--| --changeset a:two
--| --preconditions onError:CONTINUE
--| --precondition-sql-check expectedResult:0 SELECT 0) ; DELETE FROM log; SELECT (0
--| INSERT INTO log VALUES ('two');
SELECT migrate_config('project', 'bad');
SELECT migrate_up('@DIR@/bad');
SELECT count(*) FROM log;
