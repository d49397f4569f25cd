-- Another tool's history, taken over: what the functions do, by goose's table.
--@ m/1_one.up.sql
--| CREATE TABLE one (id integer);
--@ m/1_one.down.sql
--| DROP TABLE one;
--@ m/2_two.up.sql
--| CREATE TABLE two (id integer);
--@ m/2_two.down.sql
--| DROP TABLE two;
--@ m/3_three.up.sql
--| CREATE TABLE three (id integer);
--@ m/3_three.down.sql
--| DROP TABLE three;
--@ m/10_ten.up.sql
--| CREATE TABLE ten (id integer);
-- Nothing is there, or nothing of the name.
SELECT migrate_adopt();
SELECT migrate_adopt('goose');
SELECT migrate_adopt('');
SELECT migrate_adopt('sqwitch');
SELECT * FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
CREATE TABLE goose_db_version (version_id bigint NOT NULL, tstamp timestamp);
SELECT migrate_adopt('goose');
DROP TABLE goose_db_version;
-- What the tool left.
CREATE TABLE one (id integer);
CREATE TABLE three (id integer);
CREATE TABLE goose_db_version (
    id integer PRIMARY KEY, version_id bigint NOT NULL,
    is_applied boolean NOT NULL, tstamp timestamp NOT NULL);
INSERT INTO goose_db_version VALUES (1, 0, true, '2024-01-01 10:00:00');
INSERT INTO goose_db_version VALUES (3, 1, true, '2024-01-02 10:00:00');
INSERT INTO goose_db_version VALUES (2, 3, true, '2024-01-03 10:00:00.25');
INSERT INTO goose_db_version VALUES (4, 2, true, '2024-01-04 10:00:00');
INSERT INTO goose_db_version VALUES (5, 2, false, '2024-01-05 10:00:00');
-- Nothing is loaded yet: the report shows the rows, there is nothing to adopt.
SELECT recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
SELECT migrate_adopt();
SELECT migrate_load('@DIR@/m');
SELECT history, recorded, version, state,
    substr(replace(CAST(applied_at AS text), 'T', ' '), 1, 19), problem
FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
SELECT count(*) FROM migrate_history() WHERE action = 'adopt';
SELECT migrate_adopt();
-- In the order in which they were applied, with their times.
SELECT version, state, substr(replace(CAST(applied_at AS text), 'T', ' '), 1, 19)
FROM migrate_status();
SELECT seq, action, version, name, outcome,
    substr(replace(CAST(at AS text), 'T', ' '), 1, 19), client, detail
FROM migrate_history() WHERE action = 'adopt' AND version IS NOT NULL;
SELECT action, name, replace(replace(detail, 'main.', ''), 'public.', '')
FROM migrate_history() WHERE action = 'adopt' AND version IS NULL;
SELECT migrate_current();
SELECT recorded, version, state, problem FROM migrate_adopt_report('goose')
WHERE state NOT IN ('missing', 'extra');
-- Again: nothing is new, and nothing is written.
SELECT migrate_adopt('goose');
SELECT count(*) FROM migrate_history();
-- The other tool goes on; what it has done since is taken over too.
CREATE TABLE two (id integer);
INSERT INTO goose_db_version VALUES (6, 2, true, '2024-01-06 10:00:00');
SELECT migrate_adopt();
SELECT version, substr(replace(CAST(applied_at AS text), 'T', ' '), 1, 19)
FROM migrate_status() WHERE state = 'applied';
-- And then it is ours: on, and back by the kept texts, in reverse order.
SELECT migrate_apply();
SELECT migrate_current();
SELECT migrate_stamp('3');
SELECT migrate_rollback();
SELECT migrate_rollback();
SELECT migrate_current();
SELECT version, state FROM migrate_status();
-- What was rolled back here is not taken over again, though its row is there;
SELECT migrate_adopt();
SELECT recorded, version, state, problem FROM migrate_adopt_report()
WHERE state <> 'ignored'
AND state NOT IN ('missing', 'extra');
-- unless the other tool has applied it since.
CREATE TABLE two (id integer);
INSERT INTO goose_db_version VALUES (7, 2, true, '2999-01-01 00:00:00');
SELECT migrate_adopt();
SELECT version, state FROM migrate_status();
SELECT count(*) FROM goose_db_version;
