-- What is wrong with files is said before anything is written.
SELECT migrate_load('@DIR@/none');
SELECT migrate_load('');
--@ plain.txt
--| no migration
SELECT migrate_load('@DIR@/plain.txt');
SELECT migrate_load('@DIR@/plain.txt/below');
--@ empty/.keep
SELECT migrate_load('@DIR@/empty');
--@ nothing/readme.txt
--| no migration
--@ nothing/init.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/nothing');
--@ duplicate/1_one.sql
--| SELECT 1;
--@ duplicate/01_uno.sql
--| SELECT 1;
--@ duplicate/2_two.sql
--| SELECT 2;
SELECT migrate_load('@DIR@/duplicate');
--@ same/1_one.sql
--| SELECT 1;
--@ same/1_uno.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/same');
--@ void/1_one.sql
--@ void/2_two.sql
--| SELECT 2;
SELECT migrate_load('@DIR@/void');
--@ blank/1_one.sql
--%  \n\t\r\n
SELECT migrate_load('@DIR@/blank');
--@ onlydown/1_one.sql
--| -- migrate:down
--| DROP TABLE one;
SELECT migrate_load('@DIR@/onlydown');
--@ onlyverify/1_one.sql
--|
--| -- migrate:verify
--| SELECT 1 = 1;
SELECT migrate_load('@DIR@/onlyverify');
--@ unknown/1_one.sql
--| -- migrate:up
--| SELECT 1;
--| -- migrate:upp
SELECT migrate_load('@DIR@/unknown');
--@ option/1_one.sql
--| -- migrate:up transaction:no
SELECT migrate_load('@DIR@/option');
--@ early/1_one.sql
--| SELECT 1;
--| -- migrate:up
--| SELECT 2;
SELECT migrate_load('@DIR@/early');
--@ late/1_one.sql
--| -- migrate:up
--| -- migrate:env test
SELECT migrate_load('@DIR@/late');
--@ indented/1_one.sql
--| -- migrate:up
--| SELECT 1;
--|   -- migrate:down
--| SELECT 2;
SELECT migrate_load('@DIR@/indented');
--@ bad/1_o'ne.sql
--| SELECT 1;
--@ bad/1'2_one.sql
--| SELECT 1;
SELECT migrate_load('@DIR@/bad');
--@ link/1_one.sql
--| SELECT 1;
--! ln -s nowhere @DIR@/link/2_two.sql
SELECT migrate_load('@DIR@/link');
--@ fifo/1_one.sql
--| SELECT 1;
--! mkfifo @DIR@/fifo/2_two.sql
SELECT migrate_load('@DIR@/fifo');
--! mkfifo @DIR@/pipe.sql
SELECT migrate_load('@DIR@/pipe.sql');
SELECT count(*) FROM migrate_status();
SELECT count(*) FROM migrate_history();

-- The same for texts.
SELECT migrate_add('', 'SELECT 1');
SELECT migrate_add('a,b', 'SELECT 1');
SELECT migrate_add('a\b', 'SELECT 1');
SELECT migrate_add('a b', 'SELECT 1');
SELECT migrate_add('a''b', 'SELECT 1');
SELECT migrate_add('a
b', 'SELECT 1');
SELECT migrate_add('1,2', 'SELECT 1');
SELECT migrate_add('1', 'SELECT 1', NULL, 'two
lines');
SELECT migrate_add('head', 'SELECT 1');
SELECT migrate_add('base', 'SELECT 1');
SELECT migrate_add('+1', 'SELECT 1');
SELECT migrate_add('-1', 'SELECT 1');
SELECT migrate_add('1', '');
SELECT migrate_add('1', '
  ');
SELECT migrate_add('1', '-- migrate:down
SELECT 1');
SELECT migrate_add('1', '-- migrate:sideways');
SELECT migrate_add('1', '-- migrate:up
SELECT 1;
-- migrate:down
SELECT 2;', 'SELECT 3');
SELECT migrate_add(replace('0123456789012345678901234567890123456789abcdefghij',
                           '0', '00000000000000000000000000000000000000000000000000000000'),
                   'SELECT 1');
SELECT count(*) FROM migrate_status();
SELECT count(*) FROM migrate_history();
-- A version is what is left: any letters will do.
SELECT migrate_add('Head', 'SELECT 1');
SELECT migrate_add('ümläut.1-2', 'SELECT 1');
SELECT migrate_apply();
