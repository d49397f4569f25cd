-- Atlas's checkpoints: run where nothing is applied, passed over elsewhere, and
-- adopted with all that they stand for.
--@ m/1_one.sql
--| CREATE TABLE one (id integer);
--@ m/2_two.sql
--| CREATE TABLE two (id integer);
--@ m/3_both.sql
--| -- atlas:checkpoint v1
--|
--| CREATE TABLE one (id integer);
--| CREATE TABLE two (id integer);
--@ m/4_four.sql
--| CREATE TABLE four (id integer);
--@ m/5_all.sql
--| -- atlas:checkpoint
--|
--| CREATE TABLE one (id integer);
--| CREATE TABLE two (id integer);
--| CREATE TABLE four (id integer);
--@ m/6_six.sql
--| CREATE TABLE six (id integer);
--@ m/atlas.sum
--| h1:uyOvESKtzUIXgBRZ4+iHyC6F9ZJTjOG5lMQS/oH+mWA=
--| 1_one.sql h1:6rt3HhBzWA8DiXUv70OAkCWyUwyCde3SvboDG8oZqBw=
--| 2_two.sql h1:vbuA3RoOr5Uws4Eg+dEF9Cfx+HyVNMX3vnNkHYt5ipg=
--| 3_both.sql h1:R8VkSOXhVOb4nenYPbY4dwKoV+0xpUfb41mhv7HbQRY=
--| 4_four.sql h1:SIgSPHbN9OvRlLcF/p/kf3TOgdoLstnU2Fi8pZTBXgY=
--| 5_all.sql h1:bqstdH/494zL9Ozk9dtidQBL/z3Ji5qJGAHzq/WqoOY=
--| 6_six.sql h1:mu21AHbiAqyAO/cP19nUxsUayYWWrN3Z9yPaeJMwZ6Q=
SELECT migrate_load('@DIR@/m');
SELECT version, state, detail FROM migrate_status();
-- On an empty database, up to an earlier checkpoint and to the end.
SELECT DISTINCT step, version FROM migrate_plan('2') ORDER BY 1;
SELECT DISTINCT step, version FROM migrate_plan('4') ORDER BY 1;
SELECT migrate_apply();
SELECT version, state, detail FROM migrate_status();
SELECT migrate_apply();
DROP TABLE one;
DROP TABLE two;
DROP TABLE four;
DROP TABLE six;

-- Where earlier ones are applied.
SELECT migrate_config('project', 'second');
SELECT migrate_load('@DIR@/m');
SELECT migrate_apply('2');
SELECT migrate_apply();
SELECT version, state, detail FROM migrate_status();

-- A history that begins with the first of them.
CREATE TABLE atlas_schema_revisions (
    version varchar(255) NOT NULL PRIMARY KEY, description varchar(255) NOT NULL,
    type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0, executed_at timestamp NOT NULL,
    execution_time bigint NOT NULL, error text NULL, error_stmt text NULL,
    hash varchar(255) NOT NULL, partial_hashes text NULL,
    operator_version varchar(255) NOT NULL);
INSERT INTO atlas_schema_revisions VALUES
('3', 'both', 2, 2, 2, '2024-01-01 00:00:00', 1, NULL, NULL,
    'R8VkSOXhVOb4nenYPbY4dwKoV+0xpUfb41mhv7HbQRY=', NULL, 'v1');
DROP TABLE four;
DROP TABLE six;
SELECT migrate_config('adopt_strict', 'on');
SELECT migrate_config('project', 'third');
SELECT migrate_load('@DIR@/m');
SELECT recorded, version, state, problem FROM migrate_adopt_report();
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
SELECT version, state FROM migrate_status();

-- With all later ones; the other checkpoint stays out.
SELECT migrate_config('project', 'fourth');
SELECT migrate_load('@DIR@/m');
INSERT INTO atlas_schema_revisions VALUES
('4', 'four', 2, 1, 1, '2024-01-02 00:00:00', 1, NULL, NULL,
    'SIgSPHbN9OvRlLcF/p/kf3TOgdoLstnU2Fi8pZTBXgY=', NULL, 'v1'),
('6', 'six', 2, 1, 1, '2024-01-03 00:00:00', 1, NULL, NULL,
    'mu21AHbiAqyAO/cP19nUxsUayYWWrN3Z9yPaeJMwZ6Q=', NULL, 'v1');
SELECT recorded, version, state FROM migrate_adopt_report();
SELECT migrate_adopt();
SELECT migrate_pending();

-- A history of what is before and behind them.
SELECT migrate_config('project', 'fifth');
SELECT migrate_load('@DIR@/m');
DELETE FROM atlas_schema_revisions WHERE version = '3';
INSERT INTO atlas_schema_revisions VALUES
('1', 'one', 2, 1, 1, '2023-01-02 00:00:00', 1, NULL, NULL,
    '6rt3HhBzWA8DiXUv70OAkCWyUwyCde3SvboDG8oZqBw=', NULL, 'v1'),
('2', 'two', 2, 1, 1, '2023-01-03 00:00:00', 1, NULL, NULL,
    'vbuA3RoOr5Uws4Eg+dEF9Cfx+HyVNMX3vnNkHYt5ipg=', NULL, 'v1');
SELECT recorded, version, state, problem FROM migrate_adopt_report();
SELECT migrate_adopt();
SELECT migrate_pending();

-- "atlas migrate set" declares all that it passes to be applied.
SELECT migrate_config('project', 'sixth');
SELECT migrate_load('@DIR@/m');
INSERT INTO atlas_schema_revisions VALUES
('3', 'both', 4, 0, 0, '2023-01-04 00:00:00', 0, NULL, NULL,
    'R8VkSOXhVOb4nenYPbY4dwKoV+0xpUfb41mhv7HbQRY=', NULL, 'v1'),
('5', 'all', 4, 0, 0, '2024-01-02 12:00:00', 0, NULL, NULL,
    'bqstdH/494zL9Ozk9dtidQBL/z3Ji5qJGAHzq/WqoOY=', NULL, 'v1');
SELECT recorded, version, state FROM migrate_adopt_report();
SELECT migrate_adopt();
SELECT migrate_pending();
SELECT recorded, version, state FROM migrate_adopt_report();

-- A baseline: of a checkpoint's version, of a later one, of an earlier one.
DELETE FROM atlas_schema_revisions;
INSERT INTO atlas_schema_revisions VALUES
('3', 'both', 1, 0, 0, '2024-01-01 00:00:00', 0, NULL, NULL, '', NULL, 'v1');
SELECT migrate_config('project', 'seventh');
SELECT migrate_load('@DIR@/m');
SELECT recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
UPDATE atlas_schema_revisions SET version = '6';
SELECT recorded, version, state FROM migrate_adopt_report();
UPDATE atlas_schema_revisions SET version = '2';
SELECT recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
UPDATE atlas_schema_revisions SET version = '4';
DROP TABLE six;
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
SELECT migrate_apply();
SELECT version, state FROM migrate_status();
