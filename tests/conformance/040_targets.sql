-- Every form of a target, for the way forward.
SELECT migrate_add('0001', 'CREATE TABLE t1 (id integer)', 'DROP TABLE t1');
SELECT migrate_add('0002', 'CREATE TABLE t2 (id integer)', 'DROP TABLE t2');
SELECT migrate_add('0003', 'CREATE TABLE t3 (id integer)', 'DROP TABLE t3');
SELECT migrate_add('0010', 'CREATE TABLE t10 (id integer)', 'DROP TABLE t10');
SELECT migrate_add('0011', 'CREATE TABLE t11 (id integer)', 'DROP TABLE t11');
SELECT migrate_add('2024a', 'CREATE TABLE ta (id integer)', 'DROP TABLE ta');
SELECT migrate_add('2025b', 'CREATE TABLE tb (id integer)', 'DROP TABLE tb');

-- What is no target, or none of this direction, changes nothing.
SELECT migrate_apply('');
SELECT migrate_apply('0099');
SELECT migrate_apply('none');
SELECT migrate_apply('+');
SELECT migrate_apply('+x');
SELECT migrate_apply('-1');
SELECT migrate_apply('base');
SELECT migrate_apply('00');
SELECT migrate_apply('202');
SELECT migrate_current();

SELECT migrate_apply('+0');
SELECT migrate_apply('+1');
SELECT migrate_current();
SELECT migrate_apply('0002');
SELECT migrate_current();
-- Numerically equal.
SELECT migrate_apply('3');
SELECT migrate_current();
SELECT migrate_apply('00000010');
SELECT migrate_current();
-- What is applied already, or lies behind.
SELECT migrate_apply('0001');
SELECT migrate_apply('0010');
SELECT migrate_current();
-- The beginning of one version alone.
SELECT migrate_apply('2024');
SELECT migrate_current();
-- More steps than there are.
SELECT migrate_apply('+5');
SELECT migrate_current();

-- And for the way back.
SELECT migrate_rollback('head');
SELECT migrate_rollback('+1');
SELECT migrate_rollback('-x');
SELECT migrate_rollback('');
SELECT migrate_rollback('2024');
SELECT migrate_rollback('0099');
SELECT migrate_rollback('-8');
SELECT migrate_rollback('-0');
SELECT migrate_current();
SELECT migrate_rollback('-1');
SELECT migrate_current();
SELECT migrate_rollback('11');
SELECT migrate_current();
SELECT migrate_rollback('2024a');
SELECT migrate_rollback();
SELECT migrate_rollback('0002');
SELECT migrate_current();
SELECT migrate_rollback('base');
SELECT migrate_current();
SELECT migrate_rollback('base');
SELECT migrate_rollback();
SELECT migrate_pending();
