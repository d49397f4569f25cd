-- Liquibase's history: rows are found by path, id and author, or by the file's
-- name where the path has other folders before it.
--@ m/a/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| CREATE TABLE one (id integer);
--| --rollback DROP TABLE one;
--| --changeset Bob Baker:"2 b"
--| CREATE TABLE two (id integer);
--@ m/b/x.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| CREATE TABLE three (id integer);
--@ m/b/y.sql
--| --liquibase formatted sql logicalFilePath:logical.sql
--| --changeset alice:1
--| CREATE TABLE four (id integer);
--| --changeset alice:2
--| CREATE TABLE five (id integer);
SELECT migrate_load('@DIR@/m');
CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL,
    filename varchar(255) NOT NULL, dateexecuted timestamp NOT NULL,
    orderexecuted int NOT NULL, exectype varchar(10) NOT NULL, md5sum varchar(35),
    description varchar(255), comments varchar(255), tag varchar(255),
    liquibase varchar(20), contexts varchar(255), labels varchar(255),
    deployment_id varchar(10));
CREATE TABLE databasechangeloglock (id int NOT NULL PRIMARY KEY, locked int NOT NULL,
    lockgranted timestamp, lockedby varchar(255));
INSERT INTO databasechangeloglock VALUES (1, 0, NULL, NULL);
CREATE TABLE one (id integer);
CREATE TABLE two (id integer);
CREATE TABLE four (id integer);
INSERT INTO databasechangelog VALUES
('1', 'alice', 'a/x.sql', '2024-01-01 00:00:00', 1, 'EXECUTED', '9:aa', '', '', NULL, '4.30', NULL, NULL, '1'),
('2 b', 'Bob Baker', 'db/changelog/a/x.sql', '2024-01-01 00:00:01', 2, 'EXECUTED', '9:bb', '', '', NULL, '4.30', NULL, NULL, '1'),
('1', 'alice', 'logical.sql', '2024-01-01 00:00:02', 3, 'MARK_RAN', '9:cc', '', '', NULL, '4.30', NULL, NULL, '1'),
('1', 'alice', 'elsewhere/x.sql', '2024-01-01 00:00:03', 4, 'EXECUTED', '9:dd', '', '', NULL, '4.30', NULL, NULL, '1');
SELECT recorded, version, state, problem FROM migrate_adopt_report()
WHERE state <> 'extra';
DELETE FROM databasechangelog WHERE filename = 'elsewhere/x.sql';
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
