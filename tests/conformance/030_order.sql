-- Runs of digits count as numbers, in whatever order migrations come in.
CREATE TABLE ran (at integer, what text);
SELECT migrate_add('10', 'INSERT INTO ran SELECT count(*), ''10'' FROM ran');
SELECT migrate_add('9', 'INSERT INTO ran SELECT count(*), ''9'' FROM ran');
SELECT migrate_add('1.10', 'INSERT INTO ran SELECT count(*), ''1.10'' FROM ran');
SELECT migrate_add('1.9', 'INSERT INTO ran SELECT count(*), ''1.9'' FROM ran');
SELECT migrate_add('1', 'INSERT INTO ran SELECT count(*), ''1'' FROM ran');
SELECT migrate_add('002', 'INSERT INTO ran SELECT count(*), ''002'' FROM ran');
SELECT migrate_add('20240101120000',
                   'INSERT INTO ran SELECT count(*), ''20240101120000'' FROM ran');
SELECT migrate_add('99999999999999999999999',
                   'INSERT INTO ran SELECT count(*), ''far'' FROM ran');
SELECT version FROM migrate_status();
SELECT migrate_apply();
SELECT what FROM ran ORDER BY at;
SELECT migrate_current();
