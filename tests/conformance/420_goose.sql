-- goose's files: statements, variables, Go, and what is wrong with them.
--@ ok/00001_table.sql
--| -- +goose Up
--| -- +goose StatementBegin
--| CREATE TABLE log (what text)
--| -- +goose StatementEnd
--| INSERT INTO log VALUES ('up 1');
--| -- +goose Down
--| DROP TABLE log;
--@ ok/2_variables.sql
--| -- +goose ENVSUB ON
--| -- +goose Up
--| INSERT INTO log VALUES ('$region ${region} ${none:-a ${region} $$} ${none-b}');
--| INSERT INTO log VALUES ('${region:-c} ${region:1:2} ${region:-2} ${region: -2} ${region:1:-1} ${region?d}');
--| INSERT INTO log VALUES ('\$x $$ $(y) \\z'); -- $
--| -- +goose ENVSUB OFF
--| INSERT INTO log VALUES ('${region} off');
--| -- +goose ENVSUB ON
--| -- +goose Down
--| INSERT INTO log VALUES ('down ${region}');
--| -- +goose StatementBegin
--| INSERT INTO log VALUES ('again $region')
--| -- +goose StatementEnd
--| INSERT INTO log VALUES ('last ${region}');
--@ ok/00010_last.sql
--| -- +goose Up
--| INSERT INTO log VALUES ('up 10');
SELECT migrate_config('var.region', 'north');
SELECT migrate_up('@DIR@/ok');
SELECT version, name, state FROM migrate_status();
SELECT what FROM log;
SELECT migrate_config('out_of_order', 'allow');
SELECT migrate_stamp('2');
DELETE FROM log;
-- The way back has the values of then.
SELECT migrate_config('var.region', 'south');
SELECT migrate_rollback();
SELECT what FROM log;
SELECT migrate_load('@DIR@/ok');
SELECT count(*) FROM migrate_status() WHERE detail IS NOT NULL;
SELECT migrate_config('var.region', NULL);
SELECT migrate_apply();
SELECT migrate_stamp('base');
SELECT migrate_config('project', 'wrong');

-- Numbers are compared as such.
--@ same/1_a.sql
--| -- +goose Up
--@ same/001_b.sql
--| -- +goose Up
SELECT migrate_load('@DIR@/same');

-- Programs.
--@ go/1_a.sql
--| -- +goose Up
--| SELECT 1;
--@ go/2_b.go
--@ go/00003_c.go
--@ go/3_c_test.go
--@ go/helpers.go
SELECT migrate_load('@DIR@/go');
SELECT migrate_config('skip_foreign', 'on');
SELECT migrate_load('@DIR@/go');

-- Marks.
--! mkdir @DIR@/w
--! printf '%s\n' '-- +goose Up' 'SELECT 1;' '-- +goose Up' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose Down' 'SELECT 1;' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose Down' '-- +goose Down' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose NO TRANSACTION' 'SELECT 1;' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose NO TRANSACTION' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose StatementBegin' 'SELECT 1;' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose StatementBegin' 'SELECT 1;' '-- +goose Down' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose StatementBegin' '-- +goose StatementBegin' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose Up' 'SELECT 1;' '-- +goose StatementEnd' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose StatementBegin' '-- +goose Up' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '  -- +goose Down' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose Sideways' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- see +goose Down' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' 'SELECT 1;' > @DIR@/w/2_b.sql; printf '%s\n' '-- +goose Up' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! rm @DIR@/w/2_b.sql

-- Variables.
--! printf '%s\n' '-- +goose Up' '-- +goose ENVSUB ON' 'SELECT $1;' > @DIR@/w/1_a.sql
SELECT migrate_up('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose ENVSUB ON' 'SELECT ${a' > @DIR@/w/1_a.sql
SELECT migrate_up('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose ENVSUB ON' 'SELECT ${a!}' > @DIR@/w/1_a.sql
SELECT migrate_up('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose ENVSUB ON' 'SELECT ${a:x}' > @DIR@/w/1_a.sql
SELECT migrate_up('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose ENVSUB ON' 'SELECT ${a?it must be}' > @DIR@/w/1_a.sql
SELECT migrate_up('@DIR@/w');
--! printf '%s\n' '-- +goose Up' '-- +goose ENVSUB ON' 'SELECT ${a:-1}' '-- +goose ENVSUB OFF' > @DIR@/w/1_a.sql
SELECT migrate_up('@DIR@/w');
