-- Atlas' files without atlas.sum: a checkpoint tells whose they are, and is not
-- run behind what it sums up, but in its place.
--@ m/1_a.sql
--| CREATE TABLE log (what text);
--| INSERT INTO log VALUES ('a');
--@ m/2_b.sql
--| INSERT INTO log VALUES ('b');
--@ m/3_all.sql
--| -- atlas:checkpoint
--|
--| CREATE TABLE IF NOT EXISTS log (what text);
--| INSERT INTO log VALUES ('a');
--| INSERT INTO log VALUES ('b');
--@ m/4_c.sql
--| INSERT INTO log VALUES ('c');
SELECT file, format, note FROM migrate_sources('@DIR@/m');
SELECT migrate_up('@DIR@/m');
SELECT what FROM log ORDER BY what;
