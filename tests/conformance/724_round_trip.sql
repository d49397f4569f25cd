-- The example, up and down again: each step back leads to the schema that was
-- there on the way up.
--? 3.35
--! cp -R @ROOT@/sql/examples/shop @DIR@/shop && chmod -R a+rX @DIR@/shop
CREATE TEMP TABLE kept (version text, fingerprint text);
SELECT migrate_load('@DIR@/shop');
INSERT INTO kept SELECT 'base', migrate_fingerprint();
SELECT migrate_apply('0001');
INSERT INTO kept SELECT migrate_current(), migrate_fingerprint();
SELECT migrate_apply('0002');
INSERT INTO kept SELECT migrate_current(), migrate_fingerprint();
SELECT migrate_apply('0003');
INSERT INTO kept SELECT migrate_current(), migrate_fingerprint();
SELECT migrate_apply('0004');
INSERT INTO kept SELECT migrate_current(), migrate_fingerprint();
SELECT migrate_apply('0005');
INSERT INTO kept SELECT migrate_current(), migrate_fingerprint();
SELECT count(DISTINCT fingerprint) FROM kept;
SELECT count(*) FROM kept WHERE version <> 'base' AND fingerprint = migrate_fingerprint(version);

SELECT migrate_rollback();
SELECT version FROM kept WHERE fingerprint = migrate_fingerprint();
SELECT migrate_rollback();
SELECT version FROM kept WHERE fingerprint = migrate_fingerprint();
SELECT migrate_rollback();
SELECT version FROM kept WHERE fingerprint = migrate_fingerprint();
SELECT migrate_rollback();
SELECT version FROM kept WHERE fingerprint = migrate_fingerprint();
SELECT migrate_rollback();
SELECT version FROM kept WHERE fingerprint = migrate_fingerprint();
SELECT count(*) FROM migrate_history() WHERE action = 'rollback' AND detail LIKE '% is %';
SELECT count(*) FROM migrate_drift();

-- All at once.
SELECT migrate_apply('0005');
SELECT version FROM kept WHERE fingerprint = migrate_fingerprint();
SELECT migrate_rollback('base');
SELECT version FROM kept WHERE fingerprint = migrate_fingerprint();
