-- sql-migrate's files: order, sections, and what is wrong with them.
--@ ok/10_last.sql
--| -- +migrate Up
--| INSERT INTO log VALUES ('up 10');
--| -- +migrate Down
--| INSERT INTO log VALUES ('down 10');
--| -- +migrate Up
--| INSERT INTO log VALUES ('up 10, more');
--@ ok/9_table.sql
--| SELECT this is passed over;
--| -- +migrate StatementBegin
--| -- +migrate Up
--| -- +migrate StatementBegin
--| CREATE TABLE log (what text)
--| -- +migrate StatementEnd
--| INSERT INTO log VALUES ('up 9')
--@ ok/9_a10.sql
--| -- +migrate Up
--| SELECT 1;
--@ ok/9_a9.sql
--| -- +migrate Up
--| SELECT 1;
--@ ok/views.sql
--| -- +migrate Up
--| INSERT INTO log VALUES ('views');
SELECT migrate_up('@DIR@/ok');
SELECT version, name, state FROM migrate_status();
SELECT what FROM log;
SELECT migrate_rollback('10_last');
SELECT migrate_config('format', 'sql-migrate');
--@ more/9_a.sql
--| -- +migrate Down
SELECT migrate_config('project', 'wrong');
SELECT migrate_load('@DIR@/more');

--! mkdir @DIR@/w
--! printf '%s\n' 'SELECT 1;' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +migrate Up transaction' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +migrate up' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +migrate Up' ' -- +migrate Down' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +migrate Up' '-- +migrate StatementBegin' 'SELECT 1;' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +migrate Up' '-- +migrate StatementBegin' '-- +migrate Down' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +migrate Up' '-- +migrate StatementEnd' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +migrate ' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +migrate Up' > @DIR@/w/1_a.sql; printf '%s\n' '-- +migrate Up' > "@DIR@/w/1,b.sql"
SELECT migrate_load('@DIR@/w');
