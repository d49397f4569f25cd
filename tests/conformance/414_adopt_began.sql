-- What a tool began with: a script for all up to a version, or a version.
--@ flyway/V1__one.sql
--| CREATE TABLE one (id integer);
--@ flyway/V2__two.sql
--| CREATE TABLE two (id integer);
--@ flyway/B2__both.sql
--| CREATE TABLE one (id integer);
--| CREATE TABLE two (id integer);
--@ flyway/V3__three.sql
--| CREATE TABLE three (id integer);
SELECT migrate_load('@DIR@/flyway');
CREATE TABLE flyway_schema_history (installed_rank integer PRIMARY KEY,
    version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,
    script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL,
    installed_on timestamp NOT NULL, execution_time integer NOT NULL,
    success boolean NOT NULL);
INSERT INTO flyway_schema_history VALUES (1, '2', 'both', 'SQL_BASELINE',
    'B2__both.sql', NULL, '', '2024-01-01 00:00:00', 1, true);
CREATE TABLE one (id integer);
CREATE TABLE two (id integer);
SELECT recorded, version, state, problem FROM migrate_adopt_report();
SELECT migrate_config('adopt_strict', 'on');
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
DROP TABLE flyway_schema_history;
DROP TABLE one;
DROP TABLE two;
DROP TABLE three;

-- Evolve runs the version itself that it begins with.
--@ v/V1__one.sql
--| CREATE TABLE one (id integer);
--@ v/V2__two.sql
--| CREATE TABLE two (id integer);
--@ v/V3__three.sql
--| CREATE TABLE three (id integer);
SELECT migrate_config('adopt_strict', 'off');
SELECT migrate_config('project', 'evolve');
SELECT migrate_load('@DIR@/v');
CREATE TABLE changelog (id integer PRIMARY KEY, type integer, version varchar(50),
    description varchar(200) NOT NULL, name varchar(300) NOT NULL,
    checksum varchar(32), installed_by varchar(100) NOT NULL,
    installed_on timestamp NOT NULL, success boolean NOT NULL);
INSERT INTO changelog VALUES (1, 3, '2', 'Skip migrations until version 2 excluded.',
    'StartVersion = 2', '', 'ann', '2024-01-01 00:00:00', true);
SELECT recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
INSERT INTO changelog VALUES (2, 0, '2', 'two', 'V2__two.sql', '', 'ann',
    '2024-01-02 00:00:00', true);
SELECT recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
