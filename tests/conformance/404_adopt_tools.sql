-- Each tool's history: how it is known, and how its rows are matched.  The
-- tables are the tools' own, in what both engines' dialects share.
--@ m/0001_init.sql
--| CREATE TABLE init (id integer);
--@ m/0002_users.sql
--| CREATE TABLE users (id integer);
--@ m/0010_orders.sql
--| CREATE TABLE orders (id integer);
--@ m/R__view.sql
--| CREATE TABLE IF NOT EXISTS viewed (id integer);
SELECT migrate_load('@DIR@/m');

-- Alembic: a row for each head; nothing is required here, so it is that alone.
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('0002');
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
DELETE FROM alembic_version;
SELECT migrate_adopt();
DROP TABLE alembic_version;

-- Atlas: up to a baseline; the tool's own row; one that is not finished.
CREATE TABLE atlas_schema_revisions (
    version varchar(255) NOT NULL PRIMARY KEY, description varchar(255) NOT NULL,
    type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0, executed_at timestamp NOT NULL,
    execution_time bigint NOT NULL, error text NULL, error_stmt text NULL,
    hash varchar(255) NOT NULL, partial_hashes text NULL,
    operator_version varchar(255) NOT NULL);
INSERT INTO atlas_schema_revisions VALUES
('.atlas_cloud_identifier', 'x', 2, 0, 0, '2024-01-01 00:00:00', 0, NULL, NULL, '', NULL, 'v1'),
('0002', 'users', 1, 0, 0, '2024-01-02 00:00:00', 0, NULL, NULL, '', NULL, 'v1'),
('0010', 'orders', 2, 1, 2, '2024-01-03 00:00:00', 5000000, 'no', NULL, '', NULL, 'v1');
SELECT history, recorded, version, state, problem, hint
FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
UPDATE atlas_schema_revisions SET applied = 2 WHERE version = '0010';
SELECT recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
UPDATE atlas_schema_revisions SET applied = 0, type = 4 WHERE version = '0010';
SELECT recorded, version, state FROM migrate_adopt_report() WHERE recorded = '0010';
DROP TABLE atlas_schema_revisions;

-- Cloudflare's D1
CREATE TABLE d1_migrations (id integer PRIMARY KEY, name text UNIQUE,
    applied_at timestamp DEFAULT CURRENT_TIMESTAMP NOT NULL);
INSERT INTO d1_migrations VALUES (1, '0001_init.sql', '2024-01-01 00:00:00');
INSERT INTO d1_migrations VALUES (2, '0003_lost.sql', '2024-01-01 00:00:00');
SELECT history, recorded, version, state, problem FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
DROP TABLE d1_migrations;

-- dbmate: versions are texts.
CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('0010');
INSERT INTO schema_migrations VALUES ('0001');
INSERT INTO schema_migrations VALUES ('2');
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
-- Rails: the same, but as numbers.
CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar);
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
DROP TABLE schema_migrations;
DROP TABLE ar_internal_metadata;

-- depesz
CREATE TABLE patches (patch_name text PRIMARY KEY,
    applied_tsz timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    applied_by text NOT NULL, requires text, conflicts text);
INSERT INTO patches VALUES ('0001_init', '2024-01-01 00:00:00', 'bob', NULL, NULL);
SELECT history, recorded, version, state, applied_by FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE patches;

-- diesel
CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY NOT NULL,
    run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
INSERT INTO __diesel_schema_migrations VALUES ('0002', '2024-01-01 00:00:00');
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE __diesel_schema_migrations;

-- Drizzle: by the time in its journal, or by the text, or by the name.
CREATE TABLE __drizzle_migrations (id integer PRIMARY KEY, hash text NOT NULL,
    created_at bigint);
INSERT INTO __drizzle_migrations VALUES (1, 'x', 1700000000000);
INSERT INTO __drizzle_migrations VALUES (2,
    '6cdcc879bfc26258dc0c0f5f94f4fff1f74496ba2e26d9e700eb9b824b8333db', 1700000000001);
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE __drizzle_migrations;
CREATE TABLE __drizzle_migrations (id integer PRIMARY KEY, hash text NOT NULL,
    created_at bigint, name text, applied_at timestamp);
INSERT INTO __drizzle_migrations
VALUES (1, 'x', 1700000000000, '0001_init', '2024-01-01 00:00:00');
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE __drizzle_migrations;

-- Ecto
CREATE TABLE schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp);
INSERT INTO schema_migrations VALUES (10, '2024-01-01 00:00:00');
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE schema_migrations;

-- Evolve: 3 is the version that it began with.
CREATE TABLE changelog (id integer PRIMARY KEY, type smallint, version varchar(50),
    description varchar(200) NOT NULL, name varchar(300) NOT NULL,
    checksum varchar(32), installed_by varchar(100) NOT NULL,
    installed_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, success boolean NOT NULL);
INSERT INTO changelog VALUES
(1, 2, '0', 'Empty schema', 'public', '', 'eve', '2024-01-01 00:00:00', true),
(2, 3, '0.2', 'Skip', '0.2', '', 'eve', '2024-01-01 00:00:00', true),
(3, 0, '2', 'users', 'V2__users.sql', 'x', 'eve', '2024-01-02 00:00:00', true),
(4, 4, NULL, 'view', 'R__view.sql', 'x', 'eve', '2024-01-02 00:00:00', true);
SELECT history, recorded, version, state, applied_by, problem
FROM migrate_adopt_report() WHERE recorded IS NOT NULL;
DROP TABLE changelog;

-- golang-migrate: one row, for all up to it.
CREATE TABLE schema_migrations (version bigint NOT NULL, dirty boolean NOT NULL);
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
INSERT INTO schema_migrations VALUES (2, false);
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
UPDATE schema_migrations SET version = 5;
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
DROP TABLE schema_migrations;

-- Kysely
CREATE TABLE kysely_migration (name varchar(255) NOT NULL PRIMARY KEY,
    timestamp varchar(255) NOT NULL);
INSERT INTO kysely_migration VALUES ('0002_users', '2024-01-02T03:04:05.678Z');
SELECT history, recorded, version, state,
    substr(replace(CAST(applied_at AS text), 'T', ' '), 1, 23)
FROM migrate_adopt_report() WHERE recorded IS NOT NULL;
DROP TABLE kysely_migration;

-- MyBatis
CREATE TABLE changelog (id numeric(20,0) NOT NULL, applied_at varchar(25) NOT NULL,
    description varchar(255) NOT NULL, CONSTRAINT pk_changelog PRIMARY KEY (id));
INSERT INTO changelog VALUES (2, '2024-01-02 03:04:05', 'users');
SELECT history, recorded, version, state,
    substr(replace(CAST(applied_at AS text), 'T', ' '), 1, 19)
FROM migrate_adopt_report() WHERE recorded IS NOT NULL;
DROP TABLE changelog;

-- node-pg-migrate
CREATE TABLE pgmigrations (id integer PRIMARY KEY, name varchar(255) NOT NULL,
    run_on timestamp NOT NULL);
INSERT INTO pgmigrations VALUES (1, '0010_orders', '2024-01-01 00:00:00');
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE pgmigrations;

-- Prisma: rolled back, tried again; and one that was not finished.
CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY NOT NULL,
    checksum varchar(64) NOT NULL, finished_at timestamp, migration_name varchar(255) NOT NULL,
    logs text, rolled_back_at timestamp, started_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    applied_steps_count integer NOT NULL DEFAULT 0);
INSERT INTO _prisma_migrations VALUES
('a', '', '2024-01-01 00:00:02', '0001_init', NULL, NULL, '2024-01-01 00:00:01', 1),
('b', '', NULL, '0002_users', 'no', '2024-01-01 00:01:00', '2024-01-01 00:00:03', 0),
('c', '', '2024-01-01 00:02:02', '0002_users', NULL, NULL, '2024-01-01 00:02:01', 1),
('d', '', NULL, '0010_orders', 'no', NULL, '2024-01-01 00:03:00', 0);
SELECT history, recorded, version, state,
    substr(replace(CAST(applied_at AS text), 'T', ' '), 1, 19), problem
FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
SELECT migrate_adopt();
DROP TABLE _prisma_migrations;

-- refinery
CREATE TABLE refinery_schema_history (version integer PRIMARY KEY, name varchar(255),
    applied_on varchar(255), checksum varchar(255));
INSERT INTO refinery_schema_history VALUES (2, 'users', '2024-01-02T03:04:05.123456789+01:00', '');
SELECT history, recorded, version, state,
    substr(replace(CAST(applied_at AS text), 'T', ' '), 1, 19)
FROM migrate_adopt_report() WHERE recorded IS NOT NULL;
DROP TABLE refinery_schema_history;

-- sql-migrate
CREATE TABLE gorp_migrations (id varchar(255) NOT NULL PRIMARY KEY, applied_at timestamp);
INSERT INTO gorp_migrations VALUES ('0001_init.sql', '2024-01-01 00:00:00');
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE gorp_migrations;

-- sqlite-utils
CREATE TABLE _sqlite_migrations (id integer PRIMARY KEY, migration_set text,
    name text, applied_at text);
INSERT INTO _sqlite_migrations VALUES (1, 'm', 'init', '2024-01-01 00:00:00.000000+00:00');
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE _sqlite_migrations;

-- tern: 0 is nothing.
CREATE TABLE schema_version (version integer NOT NULL PRIMARY KEY);
INSERT INTO schema_version VALUES (0);
SELECT history, recorded, version, state, problem FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
UPDATE schema_version SET version = 2;
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE schema_version;

-- umzug
CREATE TABLE "SequelizeMeta" (name varchar(255) NOT NULL PRIMARY KEY);
INSERT INTO "SequelizeMeta" VALUES ('0002_users.js');
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE "SequelizeMeta";

-- yandex-pgmigrate
CREATE TABLE schema_version (version bigint NOT NULL PRIMARY KEY, description text NOT NULL,
    type varchar(10) NOT NULL DEFAULT 'auto', installed_by text NOT NULL,
    installed_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
INSERT INTO schema_version VALUES (1, 'init', 'auto', 'yan', '2024-01-01 00:00:00');
SELECT history, recorded, version, state, applied_by FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
DROP TABLE schema_version;

-- yoyo: any row in its lock's table is a lock.
CREATE TABLE _yoyo_migration (migration_hash varchar(64) PRIMARY KEY,
    migration_id varchar(255), applied_at_utc timestamp);
CREATE TABLE yoyo_lock (locked integer DEFAULT 1 PRIMARY KEY, ctime timestamp, pid integer NOT NULL);
INSERT INTO _yoyo_migration VALUES ('', '0001_init', '2024-01-01 00:00:00');
INSERT INTO yoyo_lock VALUES (1, NULL, 7);
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
SELECT migrate_adopt();
DROP TABLE _yoyo_migration;
DROP TABLE yoyo_lock;

-- knex: the lock is a row beside.
CREATE TABLE knex_migrations (id integer PRIMARY KEY, name varchar(255),
    batch integer, migration_time timestamp);
CREATE TABLE knex_migrations_lock ("index" integer PRIMARY KEY, is_locked integer);
INSERT INTO knex_migrations VALUES (1, '0001_init.js', 1, '2024-01-01 00:00:00');
INSERT INTO knex_migrations_lock VALUES (1, 1);
SELECT history, recorded, version, state FROM migrate_adopt_report()
WHERE recorded IS NOT NULL;
SELECT migrate_adopt();
UPDATE knex_migrations_lock SET is_locked = 0;
SELECT migrate_adopt();
DROP TABLE knex_migrations;
DROP TABLE knex_migrations_lock;
