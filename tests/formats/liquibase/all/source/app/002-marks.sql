
-- liquibase formatted sql logicalFilePath:marks.sql
--property name:table.name value:${prefix}_item
--property name:prefix value:shop global:false
--property name:kind value:text dbms:postgresql,sqlite
--property name:kind value:varchar

--CHANGESET carol:delimiter endDelimiter:// rollbackEndDelimiter:@@ splitStatements:true
CREATE TABLE ${table.name} (id integer, kind ${kind}, other text DEFAULT '${other} // GO') //
INSERT INTO ${table.name} VALUES (1, 'one', '') //
--rollback DELETE FROM ${table.name} @@
--rollback DROP TABLE ${table.name} @@

--changeset carol:go
INSERT INTO ${table.name} VALUES (2, 'two
GO
', '')
GO
INSERT INTO ${table.name} VALUES (3, 'three', '')
/

--changeset carol:lines logicalFilePath:elsewhere/lines.sql
CREATE TABLE lines (a integer);
--ignoreLines:start
this is no SQL
--ignoreLines:end
--ignoreLines:2
nor is
this
INSERT INTO lines VALUES (1);
--rollback empty

--changeset carol:view runOnChange:true
--validCheckSum: ANY
CREATE TABLE IF NOT EXISTS again (a integer);

--changeset carol:always runAlways:true failOnError:false splitStatements:false
INSERT INTO again VALUES (1);

--changeset carol:oracle dbms:oracle runWith:sqlplus
SELECT 1 FROM dual;

--changeset carol:not-oracle dbms:!oracle
SELECT 1;

--changeset carol:nowhere ignore:true
no SQL at all;

--changeset carol:asked
--preconditions onFail:MARK_RAN onError:HALT onFailMessage:"it is there"
--precondition-sql-check expectedResult:0 SELECT count(*) FROM again WHERE a > 1
--precondition-table-exists table:again
CREATE TABLE asked (a integer);
