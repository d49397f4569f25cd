-- diesel's folders.
--@ m/2024-01-01-120000_init/up.sql
--| CREATE TABLE one (id integer);
--@ m/2024-01-01-120000_init/down.sql
--| DROP TABLE one;
--@ m/20231231000000_before/up.sql
--| CREATE TABLE before (id integer);
--@ m/20240201_blank/up.sql
--| CREATE TABLE blank (id integer);
--@ m/20240201_blank/down.sql
--@ m/20240202_toml/up.sql
--| CREATE TABLE toml (id integer);
--@ m/20240202_toml/down.sql
--| -- nothing
--@ m/20240202_toml/metadata.toml
--| # about this one
--| run_in_transaction = true
--@ m/.gitkeep
--@ m/20240202_toml/deeper/up.sql
--| No migration: diesel looks no deeper.
SELECT migrate_load('@DIR@/m');
SELECT version, name, CASE WHEN reversible THEN 'yes' ELSE 'no' END
FROM migrate_status();
SELECT migrate_apply();
SELECT migrate_current();
SELECT migrate_load('@DIR@/m');
SELECT migrate_apply('20240101120000');
SELECT migrate_rollback();
SELECT migrate_stamp('base');
SELECT migrate_stamp('20240101120000');
SELECT migrate_rollback();
CREATE TABLE one (id integer);
SELECT migrate_current();

--@ toml/1_a/up.sql
--| SELECT 1;
--@ toml/1_a/metadata.toml
--|
--| no_transaction = true
SELECT migrate_load('@DIR@/toml');
--@ down/1_a/down.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/down');
--@ two/1-0_a/up.sql
--| SELECT 1;
--@ two/10_b/up.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/two');
-- Two formats in one directory.
--@ mixed/1_a/up.sql
--| SELECT 1;
--@ mixed/2_b.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/mixed');
--@ mixed2/1_a.up.sql
--| SELECT 1;
--@ mixed2/2_b.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/mixed2');
