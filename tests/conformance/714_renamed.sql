-- What a hand has changed stays drift under the name that a migration gives it.
SELECT migrate_config('on_drift', 'ignore');
CREATE TABLE prior (kind text, object text, change text);
SELECT migrate_add('1', 'CREATE TABLE one (id integer, a text, c text, CONSTRAINT big CHECK (id < 99)); CREATE INDEX one_a ON one (a); CREATE INDEX one_c ON one (c); CREATE VIEW seen AS SELECT one.id, one.c FROM one; CREATE VIEW gone AS SELECT one.id FROM one; CREATE TABLE other (id integer)');
SELECT migrate_add('2', 'ALTER TABLE one RENAME TO two', 'ALTER TABLE two RENAME TO one');
SELECT migrate_add('3', 'ALTER TABLE two RENAME COLUMN a TO x', 'ALTER TABLE two RENAME COLUMN x TO a');
SELECT migrate_add('4', 'ALTER TABLE two RENAME TO three; ALTER TABLE three ADD COLUMN new integer; ALTER TABLE hand RENAME TO foot; ALTER TABLE foot ADD COLUMN new integer');
SELECT migrate_apply('1');
-- Added, changed and removed.
ALTER TABLE one ADD COLUMN hand integer;
CREATE INDEX one_hand ON one (hand);
CREATE VIEW hand_seen AS SELECT one.id FROM one;
CREATE TABLE hand (id integer, a text);
CREATE INDEX hand_a ON hand (a);
DROP VIEW seen;
CREATE VIEW seen AS SELECT one.id, one.c, one.hand FROM one;
DROP VIEW gone;
DROP INDEX one_a;
DROP INDEX one_c;
CREATE INDEX one_c ON one (c) WHERE a IS NULL;
INSERT INTO prior SELECT kind, replace(object, 'public.', '') AS object, change FROM migrate_drift();
SELECT kind, object, change FROM prior WHERE kind <> 'owner' ORDER BY 1, 2;

-- The table.
SELECT migrate_apply('2');
SELECT kind, replace(object, 'public.', '') AS object, change FROM migrate_drift() WHERE kind <> 'owner' ORDER BY 1, 2;
SELECT count(*) FROM migrate_verify() WHERE kind <> 'drift';
-- A column, which indexes and views follow.
SELECT migrate_apply('3');
SELECT kind, replace(object, 'public.', '') AS object, change FROM migrate_drift() WHERE kind <> 'owner' ORDER BY 1, 2;
SELECT count(*) FROM migrate_drift() WHERE expected LIKE '%one.%' OR actual LIKE '%one.%' OR expected LIKE '%(a)%';
-- And back.
SELECT migrate_rollback('1');
SELECT kind, replace(object, 'public.', '') AS object, change FROM migrate_drift() WHERE kind <> 'owner' ORDER BY 1, 2;
SELECT count(*) FROM prior b WHERE NOT EXISTS (SELECT 1 FROM migrate_drift() n WHERE n.kind = b.kind AND replace(n.object, 'public.', '') = b.object AND n.change = b.change);
-- What a migration changes besides is its own; what it does not is not.
SELECT migrate_apply('4');
SELECT kind, replace(object, 'public.', '') AS object, change FROM migrate_drift() WHERE kind <> 'owner' ORDER BY 1, 2;
SELECT count(*) FROM migrate_verify() WHERE kind <> 'drift';
-- Put back under the new names, nothing differs.
DROP VIEW hand_seen;
DROP VIEW seen;
CREATE VIEW seen AS SELECT three.id, three.c FROM three;
CREATE VIEW gone AS SELECT three.id FROM three;
DROP INDEX one_hand;
DROP INDEX one_c;
CREATE INDEX one_a ON three (x);
CREATE INDEX one_c ON three (c);
SELECT kind, change FROM migrate_drift() WHERE object NOT LIKE '%foot%' ORDER BY 2;
