-- A migration that has the number of one that is applied takes nothing from it.
-- Prisma: another folder of the same time, before it and behind it.
--@ one/20240101000000_b/migration.sql
--| INSERT INTO log VALUES ('b');
--@ two/20240101000000_a/migration.sql
--| INSERT INTO log VALUES ('a');
--@ two/20240101000000_b/migration.sql
--| INSERT INTO log VALUES ('b');
--@ two/20240101000000_c/migration.sql
--| INSERT INTO log VALUES ('c');
CREATE TABLE log (what text);
SELECT migrate_config('format', 'prisma');
SELECT migrate_up('@DIR@/one');
SELECT migrate_load('@DIR@/two');
SELECT version, name, state FROM migrate_status();
SELECT migrate_apply();
SELECT what FROM log ORDER BY what;
SELECT migrate_load('@DIR@/two');

-- Drizzle's folders, alike.
SELECT migrate_config('project', 'folders');
SELECT migrate_config('format', 'drizzle');
SELECT migrate_up('@DIR@/one');
SELECT migrate_up('@DIR@/two');
SELECT version, name, state FROM migrate_status();
SELECT what FROM log ORDER BY what;

-- Drizzle's journal: what another branch has brought stands behind.
--@ first/meta/_journal.json
--| {"entries": [{"idx": 0, "when": 1, "tag": "0001_b"}]}
--@ first/0001_b.sql
--| INSERT INTO log VALUES ('first b');
--@ next/meta/_journal.json
--| {"entries": [{"idx": 0, "when": 1, "tag": "0001_b"},
--|              {"idx": 1, "when": 2, "tag": "0001_a"},
--|              {"idx": 1, "when": 3, "tag": "0001_c"}]}
--@ next/0001_a.sql
--| INSERT INTO log VALUES ('next a');
--@ next/0001_b.sql
--| INSERT INTO log VALUES ('first b');
--@ next/0001_c.sql
--| INSERT INTO log VALUES ('next c');
SELECT migrate_config('project', 'journal');
SELECT migrate_up('@DIR@/first');
SELECT migrate_up('@DIR@/next');
SELECT version, name, state FROM migrate_status();
SELECT what FROM log ORDER BY what;

-- Two files that would be one of the catalogue are an error: neither is lost.
--@ flyway/V1.0__one.sql
--| INSERT INTO log VALUES ('flyway one');
--@ plain/1_a.sql
--| INSERT INTO log VALUES ('plain a');
--@ plain/1.0_b.sql
--| INSERT INTO log VALUES ('plain b');
SELECT migrate_config('project', 'mixed');
SELECT migrate_config('format', 'auto');
SELECT migrate_up('@DIR@/flyway');
SELECT migrate_load('@DIR@/plain');
SELECT version, name, state FROM migrate_status();
