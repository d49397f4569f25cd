-- A migration as it is stored.
--@ m/1_first.sql
--| -- migrate:requires 2
--| -- migrate:up
--| CREATE TABLE one (id integer);
--| -- migrate:down
--| DROP TABLE one;
--| -- migrate:verify
--| SELECT 1 = 1;
--@ m/2_second.sql
--% CREATE TABLE two (id integer)
SELECT count(*) FROM migrate_show('1');
SELECT migrate_load('@DIR@/m');
SELECT version, name, section, length(checksum),
       replace(sql, '
', '/')
FROM migrate_show('0001');
SELECT version, name, section, sql FROM migrate_show('2');
SELECT count(*) FROM migrate_show('3');
SELECT count(*) FROM migrate_show('head');
SELECT count(*) FROM migrate_show('+1');
SELECT count(*) FROM migrate_show('');

-- The text that was applied stands beside the one that was loaded since.
SELECT migrate_apply();
SELECT migrate_add('4', 'SELECT 4', 'SELECT 44', 'four');
SELECT migrate_apply();
SELECT migrate_add('4', 'SELECT 5', 'SELECT 55', 'five');
SELECT name, section, sql FROM migrate_show('4');
SELECT count(DISTINCT checksum) FROM migrate_show('4');
-- The checksum is that of the status of the history.
SELECT count(*) FROM migrate_show('2') s
JOIN migrate_history() h ON h.version = s.version AND h.checksum = s.checksum
WHERE h.action = 'apply';
