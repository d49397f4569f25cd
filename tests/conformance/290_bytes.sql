-- A byte order mark and line ends are no change; letters of any language are
-- kept as they are.
--@ lf/1_one.sql
--% -- migrate:up\nINSERT INTO log VALUES ('a'), ('b');\n-- migrate:down\nDELETE FROM log;\n
--@ lf/2_two.sql
--% INSERT INTO log\nVALUES ('two');
--@ crlf/1_one.sql
--% \xEF\xBB\xBF-- migrate:up\r\nINSERT INTO log VALUES ('a'), ('b');\r\n-- migrate:down\r\nDELETE FROM log;\r\n
--@ crlf/2_two.sql
--% \xEF\xBB\xBFINSERT INTO log\r\nVALUES ('two');
CREATE TABLE log (what text);
SELECT migrate_up('@DIR@/crlf');
SELECT what FROM log ORDER BY what;
SELECT migrate_load('@DIR@/lf');
SELECT version, state FROM migrate_status();
SELECT migrate_load('@DIR@/crlf');
SELECT count(*) FROM migrate_history() WHERE action = 'load';
SELECT migrate_stamp('base');
SELECT migrate_stamp('1');
SELECT migrate_rollback();
SELECT count(*) FROM log;

-- Line numbers are those of the file.
SELECT migrate_config('project', 'lines');
--@ lines/1_one.sql
--% \xEF\xBB\xBF-- migrate:up\r\n\r\nINSERT INTO log VALUES ('lost');\r\nSELECT\r\nmigrate_apply();\r\n
SELECT migrate_load('@DIR@/lines');
SELECT migrate_apply();
SELECT statement, line FROM migrate_plan();
SELECT count(*) FROM log;

-- Names and texts beyond ASCII.
SELECT migrate_config('project', 'größe');
--@ letters/1_größe_Ω.sql
--| INSERT INTO log VALUES ('größer – 数据 😀');
--@ letters/2é_x.sql
--| SELECT 1;
SELECT migrate_up('@DIR@/letters');
SELECT version, name FROM migrate_status();
SELECT what FROM log;
SELECT migrate_config('project');

-- What is no UTF-8, or no text.
--@ latin/1_one.sql
--| SELECT 1;
--@ latin/2_two.sql
--% SELECT 1;\nSELECT 'gr\xF6\xDFe';\n
SELECT migrate_load('@DIR@/latin');
--@ nul/1_one.sql
--% SELECT 1;\nSELECT\0 1;\n
SELECT migrate_load('@DIR@/nul');
--@ long/1_one.sql
--% \xC0\x80
SELECT migrate_load('@DIR@/long');
--@ wide/1_one.sql
--% \xFF\xFES\x00E\x00L\x00
SELECT migrate_load('@DIR@/wide');
--@ cut/1_one.sql
--% SELECT '\xE2\x82
SELECT migrate_load('@DIR@/cut');
SELECT version FROM migrate_status();
