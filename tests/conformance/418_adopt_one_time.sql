-- Two migrations of one time in Drizzle's journal: Drizzle runs both in one go,
-- and its rows are told apart by the texts' hashes.
--@ m/meta/_journal.json
--| {"entries": [{"idx": 0, "when": 1000, "tag": "0000_a"},
--|              {"idx": 1, "when": 2000, "tag": "0001_b"},
--|              {"idx": 2, "when": 2000, "tag": "0002_c"}]}
--@ m/0000_a.sql
--| CREATE TABLE a (id integer);
--@ m/0001_b.sql
--| CREATE TABLE b (id integer);
--@ m/0002_c.sql
--| CREATE TABLE c (id integer);
SELECT migrate_load('@DIR@/m');
CREATE TABLE __drizzle_migrations (id integer, hash text, created_at bigint);
INSERT INTO __drizzle_migrations VALUES (1,
    '38af8e3b50e4e85d6220a4465f50b47a62c5d825b924558cd914e6c5856cfff7',
    1000);
INSERT INTO __drizzle_migrations VALUES (2,
    '24e11af87ffb80e2404cc39a64e7d8e6eeede802f282c1f47f7dc21a776b3da7',
    2000);
INSERT INTO __drizzle_migrations VALUES (3,
    '910ee0f2e55a90f15335401f5f819e78766bfca695ad22585d1ba905daee368c',
    2000);
CREATE TABLE a (id integer);
CREATE TABLE b (id integer);
CREATE TABLE c (id integer);
SELECT recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
SELECT migrate_adopt();
SELECT migrate_apply();
-- Of one time and of no text that is loaded: which one it is cannot be said.
SELECT migrate_config('project', 'other');
SELECT migrate_load('@DIR@/m');
UPDATE __drizzle_migrations SET hash = 'x' WHERE id = 3;
SELECT migrate_adopt();
SELECT recorded, version, state FROM migrate_adopt_report()
WHERE state NOT IN ('missing', 'extra');
