-- The history as text, to be kept elsewhere, and compared with later.
SELECT migrate_export_history();
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one', 'a "b" \ c');
SELECT migrate_apply();
SELECT length(migrate_export_history())
    - length(replace(migrate_export_history(), '}' || substr('
', 1), ''));
SELECT CASE WHEN migrate_export_history() LIKE
    '{"project":"default","target":"","seq":1,"at":%,"time":"20%Z","action":"add","version":"1","name":"a \"b\" \\ c","outcome":"ok","duration_us":null,"actor":"%","client":"%","checksum":"%","detail":"1 new, 0 changed, 0 moved or back, 0 absent","previous_hash":null,"hash":"%"}%'
    ESCAPE '~' THEN 'first line' ELSE migrate_export_history() END;
SELECT replace(substr(migrate_export_history(),
    length(migrate_export_history()) - length(hash) - 62), hash, 'HASH')
FROM migrate_event WHERE seq = 2;
CREATE TEMP TABLE kept (what text, export text);
INSERT INTO kept SELECT 'two', migrate_export_history();
-- Just exported; and when more has come.
SELECT count(*) FROM kept, migrate_verify(export);
SELECT migrate_config('environment', 'test');
SELECT count(*) FROM kept, migrate_verify(export);
INSERT INTO kept SELECT 'three', migrate_export_history();
-- Its last line is enough.
INSERT INTO kept
SELECT 'head', '{"project":"default","target":"","seq":3,"hash":"' || hash || '"}'
FROM migrate_event WHERE seq = 3;
SELECT count(*) FROM kept, migrate_verify(export);
-- The end is cut off.
BEGIN;
DELETE FROM migrate_event WHERE seq = 3;
SELECT what, kind, object, problem FROM kept, migrate_verify(export) ORDER BY 1;
DELETE FROM migrate_event WHERE seq = 2;
DELETE FROM migrate_applied;
SELECT what, kind, object, problem FROM kept, migrate_verify(export) ORDER BY 1;
DELETE FROM migrate_event;
SELECT what, kind, object, problem FROM kept, migrate_verify(export) ORDER BY 1;
ROLLBACK;
-- Another history, which holds together in itself, in the place of this one.
BEGIN;
DELETE FROM migrate_event;
DELETE FROM migrate_applied;
SELECT migrate_config('environment', 'staging');
SELECT migrate_config('environment', 'other');
SELECT count(*) FROM migrate_verify();
SELECT what, kind, object, problem FROM kept, migrate_verify(export) ORDER BY what, object;
ROLLBACK;
SELECT count(*) FROM kept, migrate_verify(export);
-- What is no export.
SELECT * FROM migrate_verify('');
SELECT * FROM migrate_verify('x');
SELECT * FROM migrate_verify('[1]');
SELECT * FROM migrate_verify('{"project":"default","target":"","seq":3}');
SELECT * FROM migrate_verify('{"project":"default","target":"","seq":"3","hash":"x"}');
SELECT * FROM migrate_verify('{"project":"default","target":"","seq":0,"hash":"4276bdb8a7b86787c30bce61dc53b7149367c586244a8c8fa15ba40a7a066aa0"}');
SELECT * FROM migrate_verify('

{"project":"default","target":"","seq":3,"hash":"4276bdb8a7b86787c30bce61dc53b7149367c586244a8c8fa15ba40a7a066aa0"} {}');
SELECT * FROM migrate_verify('{"project":"other","target":"","seq":3,"hash":"4276bdb8a7b86787c30bce61dc53b7149367c586244a8c8fa15ba40a7a066aa0"}');
-- NULL is what a file is that cannot be read: it is no head.
SELECT count(*) FROM migrate_verify(NULL);
SELECT count(*) FROM migrate_verify('
  ');
