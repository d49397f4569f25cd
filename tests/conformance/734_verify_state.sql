-- What is wrong with migrations, and their verify sections.
SELECT migrate_add('1', '-- migrate:up
CREATE TABLE one (id integer);
-- migrate:down
DROP TABLE one;
-- migrate:verify
SELECT count(*) = 0 FROM one;
SELECT count(*) >= 0 FROM one;');
SELECT migrate_add('2', 'CREATE TABLE two (id integer)', 'DROP TABLE nowhere', 'two');
SELECT migrate_add('3', 'CREATE TABLE three (id integer)', 'DROP TABLE three');
SELECT migrate_apply();
SELECT * FROM migrate_verify();
-- A section that does not hold any more, and one that cannot be asked.
INSERT INTO one VALUES (1);
SELECT kind, version, object, problem, hint FROM migrate_verify();
DROP TABLE one;
SELECT kind, version, object, substr(problem, 1, 32) FROM migrate_verify()
WHERE kind = 'verify';
CREATE TABLE one (id integer);
-- Another text than the one that was applied.
SELECT migrate_add('2', 'CREATE TABLE two (id integer, more text)', 'DROP TABLE two', 'two');
SELECT kind, version, object, problem, hint FROM migrate_verify()
WHERE kind = 'changed';
-- Verify sections only look.
SELECT migrate_add('4', '-- migrate:up
CREATE TABLE four (id integer);
-- migrate:verify
SELECT 1 = 1;
SELECT count(*) = 0 FROM four;');
SELECT migrate_config('on_changed', 'warn');
SELECT migrate_apply();
SELECT count(*) FROM migrate_verify() WHERE kind = 'verify';
SELECT count(*) FROM four;
