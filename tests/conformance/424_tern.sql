-- tern's files: numbers, and what is wrong with them.
--@ ok/001_table.sql
--| CREATE TABLE log (what text);
--| ---- create above / drop below ----
--| DROP TABLE log;
--@ ok/2_row.sql
--| INSERT INTO log VALUES ('{ up 2 }');
--@ ok/shared/part.sql
--| {{ .never }}
SELECT migrate_up('@DIR@/ok');
SELECT version, name, state, CASE WHEN reversible THEN 'yes' ELSE 'no' END
FROM migrate_status();
SELECT what FROM log;
SELECT migrate_rollback();
SELECT migrate_stamp('1');
SELECT migrate_rollback();
SELECT migrate_config('project', 'wrong');
SELECT migrate_config('format', 'tern');

--@ gap/1_a.sql
--| SELECT 1;
--@ gap/2_b.sql
--| SELECT 1;
--@ gap/4_d.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/gap');
--@ first/2_b.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/first');
--@ same/1_a.sql
--| SELECT 1;
--@ same/001_b.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/same');
SELECT migrate_load('@DIR@/gap/4_d.sql');
--@ zero/0_a.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/zero');

--! mkdir @DIR@/w
--! printf '%s\n' 'SELECT 1;' "SELECT '{' || {{ .x }} || '}';" > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' 'SELECT 1;' '---- create above / drop below ----' '{{ template "shared/x.sql" . }}' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '%s\n' '-- nothing' '' '---- create above / drop below ----' 'SELECT 1;' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
--! printf '' > @DIR@/w/1_a.sql
SELECT migrate_load('@DIR@/w');
