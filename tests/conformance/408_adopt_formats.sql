-- Histories of directories whose format says more than a version.
-- Rails' dump: one migration, which has the versions of many in it.
--@ rails/structure.sql
--| CREATE TABLE users (id integer);
--| CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY);
--| CREATE TABLE ar_internal_metadata (key varchar NOT NULL PRIMARY KEY, value varchar);
--| INSERT INTO "schema_migrations" (version) VALUES
--| ('20240102000000'),
--| ('20240101000000');
--|
SELECT migrate_load('@DIR@/rails');
CREATE TABLE users (id integer);
CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY);
CREATE TABLE ar_internal_metadata (key varchar NOT NULL PRIMARY KEY, value varchar);
-- A database that is behind the dump cannot take it over.
INSERT INTO schema_migrations VALUES ('20240101000000');
SELECT migrate_adopt('rails');
INSERT INTO schema_migrations VALUES ('20240102000000');
SELECT recorded, version, state, problem FROM migrate_adopt_report('rails');
SELECT migrate_adopt();
SELECT migrate_pending();
DROP TABLE schema_migrations;
DROP TABLE ar_internal_metadata;
DROP TABLE users;

-- Alembic's printed steps: what the heads require is applied.
--@ alembic/up.sql
--| -- Running upgrade  -> a1
--|
--| CREATE TABLE a (id integer);
--|
--| -- Running upgrade a1 -> b2
--|
--| CREATE TABLE b (id integer);
--|
--| -- Running upgrade a1 -> c3
--|
--| CREATE TABLE c (id integer);
--|
--| -- Running upgrade b2, c3 -> d4
--|
--| CREATE TABLE d (id integer);
--|
SELECT migrate_config('project', 'alembic');
SELECT migrate_load('@DIR@/alembic');
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL);
INSERT INTO alembic_version VALUES ('b2');
INSERT INTO alembic_version VALUES ('c3');
SELECT recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
CREATE TABLE a (id integer);
CREATE TABLE b (id integer);
CREATE TABLE c (id integer);
SELECT migrate_adopt();
SELECT migrate_apply();
DROP TABLE alembic_version;
DROP TABLE a;
DROP TABLE b;
DROP TABLE c;
DROP TABLE d;

-- Flyway's baseline, with a script of its own.
--@ flyway/V1__one.sql
--| CREATE TABLE one (id integer);
--@ flyway/V2__two.sql
--| CREATE TABLE two (id integer);
--@ flyway/B2__both.sql
--| CREATE TABLE one (id integer);
--| CREATE TABLE two (id integer);
--@ flyway/V3.0__three.sql
--| CREATE TABLE three (id integer);
--@ flyway/R__views.sql
--| CREATE TABLE IF NOT EXISTS viewed (id integer);
SELECT migrate_config('project', 'flyway');
SELECT migrate_load('@DIR@/flyway');
CREATE TABLE flyway_schema_history (
    installed_rank int NOT NULL PRIMARY KEY, version varchar(50),
    description varchar(200) NOT NULL, type varchar(20) NOT NULL,
    script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL,
    installed_on timestamp NOT NULL, execution_time int NOT NULL, success boolean NOT NULL);
INSERT INTO flyway_schema_history VALUES
(1, '2', 'both', 'SQL_BASELINE', 'B2__both.sql', NULL, 'fly', '2999-01-01 00:00:00', 1, true),
(2, '3', 'three', 'SQL', 'V3.0__three.sql', 5, 'fly', '2999-01-01 00:00:00', 1, true),
(3, NULL, 'views', 'SQL', 'R__views.sql', 5, 'fly', '2999-01-01 00:00:00', 1, true);
SELECT recorded, version, state, problem FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra', 'not proved');
DROP TABLE flyway_schema_history;

-- Drizzle: by the journal's times.
--@ drizzle/0000_init.sql
--| CREATE TABLE init (id integer);
--@ drizzle/0001_more.sql
--| CREATE TABLE more (id integer);
--@ drizzle/meta/_journal.json
--| {"version": "7", "entries": [
--|   {"idx": 0, "version": "7", "when": 1700000000000, "tag": "0000_init", "breakpoints": true},
--|   {"idx": 1, "version": "7", "when": 1700000000001, "tag": "0001_more", "breakpoints": true}]}
SELECT migrate_config('project', 'drizzle');
SELECT migrate_load('@DIR@/drizzle');
CREATE TABLE __drizzle_migrations (id integer, hash text NOT NULL, created_at bigint);
INSERT INTO __drizzle_migrations VALUES (1, 'x', 1700000000000);
SELECT recorded, version, state, problem FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra', 'not proved');
DROP TABLE __drizzle_migrations;

-- Liquibase: by file, id and author; the file may have another path there.
--@ liquibase/app/one.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| CREATE TABLE lone (id integer);
--| --rollback DROP TABLE lone;
--| --changeset alice:2
--| CREATE TABLE ltwo (id integer);
--@ liquibase/app/two.sql
--| --liquibase formatted sql
--| --changeset alice:1
--| CREATE TABLE lthree (id integer);
--| --changeset bob:3
--| CREATE TABLE lfour (id integer);
SELECT migrate_config('project', 'liquibase');
SELECT migrate_load('@DIR@/liquibase');
CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL,
    filename varchar(255) NOT NULL, dateexecuted timestamp NOT NULL,
    orderexecuted int NOT NULL, exectype varchar(10) NOT NULL, md5sum varchar(35),
    description varchar(255), comments varchar(255), tag varchar(255),
    liquibase varchar(20), contexts varchar(255), labels varchar(255),
    deployment_id varchar(10));
CREATE TABLE databasechangeloglock (id int NOT NULL, locked boolean NOT NULL,
    lockgranted timestamp, lockedby varchar(255));
INSERT INTO databasechangeloglock VALUES (1, true, NULL, 'x');
INSERT INTO databasechangelog VALUES
('1', 'alice', 'app/one.sql', '2999-01-01 00:00:00', 1, 'EXECUTED', '9:x', '', '', NULL, '4', NULL, NULL, '1'),
('1', 'alice', 'classpath:db/app/two.sql', '2999-01-01 00:00:00', 2, 'RERAN', '9:x', '', '', NULL, '4', NULL, NULL, '1'),
('3', 'bob', 'db/two.sql', '2999-01-01 00:00:00', 3, 'MARK_RAN', '9:x', '', '', NULL, '4', NULL, NULL, '1'),
('1', 'alice', 'lost.sql', '2999-01-01 00:00:00', 4, 'EXECUTED', '9:x', '', '', NULL, '4', NULL, NULL, '1');
SELECT recorded, version, state, problem, applied_by FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra', 'not proved');
SELECT migrate_adopt();
UPDATE databasechangeloglock SET locked = false;
SELECT migrate_adopt();
DELETE FROM databasechangelog WHERE orderexecuted = 4;
SELECT migrate_adopt();
DROP TABLE databasechangelog;
DROP TABLE databasechangeloglock;
