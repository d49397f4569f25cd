-- A bundle is a script that brings a directory in as loading it would.
--@ shop/0001_customers.sql
--| -- migrate:up
--| CREATE TABLE customer (id integer, name text);
--| INSERT INTO customer VALUES (1, 'O''Hara'), (2, 'größer – 数据 😀');
--| -- migrate:down
--| DROP TABLE customer;
--| -- migrate:verify
--| SELECT count(*) = 2 FROM customer;
--@ shop/0002_shout.sql
--| -- migrate:requires 0001
--| -- migrate:env development
--| -- migrate:up sqlite
--| CREATE TABLE shout (of_sqlite text);
--| -- migrate:up postgresql
--| CREATE TABLE shout (of_postgresql text);
--| -- migrate:down
--@ shop/0003_other.sql
--| -- migrate:up nowhere
--@ shop/R__names.sql
--| DROP VIEW IF EXISTS names;
--| CREATE VIEW names AS SELECT name FROM customer;
SELECT migrate_bundle('@DIR@/shop');
SELECT count(*) FROM migrate_status();
--! sed -i 's/ nowhere/ sqlite/; $a -- migrate:down' @DIR@/shop/0003_other.sql
--> @DIR@/shop.bundle SELECT migrate_bundle('@DIR@/shop');
--! head -n 4 @DIR@/shop.bundle
--! grep -c migrate_add @DIR@/shop.bundle
--! mv @DIR@/shop @DIR@/away
--< @DIR@/shop.bundle
SELECT migrate_apply();
SELECT name FROM names ORDER BY name;
SELECT count(*) FROM shout;
SELECT version, name, state FROM migrate_status();

-- Running it again changes nothing, nor does the directory.
SELECT max(seq) FROM migrate_history();
--< @DIR@/shop.bundle
SELECT migrate_load('@DIR@/away');
SELECT max(seq) FROM migrate_history();

-- Bytes that shells, editors and servers like to change.  First comes the
-- bundle, so that the directory finds every text there that it would bring.
--@ nasty/1_plain.sql
--% SELECT 'a'\n
--@ nasty/2_Größe_it's ~7E a "name" 100% \\.sql
--% \xEF\xBB\xBF-- migrate:up\r\nSELECT 'x~y' ;  \r\n\t\n  \n.quit\n/\ngo\n\\q\n\\! echo no\n:name :'name' ${name} $1 ~ ~5C ~~\n#\n--\n/* /* */ */\n\x01\x1f\x7f\v\f\r\n\\.\n$$ '' $q$\nSELECT \\'\\\\' \xE2\x80\xA8\xC2\x85\xEF\xBB\xBF\n-- migrate:down\n\t
--@ nasty/R__v.sql
--% \n\n\nSELECT 1;
SELECT migrate_config('project', 'bundled');
SELECT migrate_config('source', 'an ''odd'' ~ \ label');
--> @DIR@/nasty.bundle SELECT migrate_bundle('@DIR@/nasty');
SELECT migrate_config('source', NULL);
--! LC_ALL=C tr -d '\n' < @DIR@/nasty.bundle | grep -c '[[:cntrl:]\\]'
--< @DIR@/nasty.bundle
SELECT count(*) FROM migrate_text;
SELECT migrate_config('project', 'loaded');
SELECT migrate_config('source', 'an ''odd'' ~ \ label');
SELECT migrate_load('@DIR@/nasty');
SELECT count(*) FROM migrate_text;
SELECT version, name, a.source FROM migrate_migration a JOIN migrate_migration b
USING (version, position, name, format, source, file, checksum, requires,
       options, up, present)
WHERE a.project = 'bundled' AND b.project = 'loaded'
AND coalesce(a.down, '?') = coalesce(b.down, '?')
AND coalesce(a.verify, '?') = coalesce(b.verify, '?')
ORDER BY position;

-- Pairs, folders, a single file.
SELECT migrate_config('source', NULL);
SELECT migrate_config('project', 'pairs');
--@ pairs/000001_a.up.sql
--| SELECT 1;
--@ pairs/000001_a.down.sql
--@ pairs/000002_b.up.sql
--| SELECT 1;
--> @DIR@/pairs.bundle SELECT migrate_bundle('@DIR@/pairs/');
--< @DIR@/pairs.bundle
SELECT migrate_load('@DIR@/pairs');
SELECT version, file, options FROM migrate_migration WHERE project = 'pairs'
ORDER BY position;
SELECT migrate_config('project', 'folders');
--@ folders/00000000000001_a/up.sql
--| SELECT 2;
--@ folders/00000000000001_a/metadata.toml
--| run_in_transaction = false
--@ folders/00000000000001_a/notes.txt
--| not read
--@ folders/00000000000002-b_c/up.sql
--| SELECT 3;
--@ folders/00000000000002-b_c/down.sql
--| SELECT 4;
--> @DIR@/folders.bundle SELECT migrate_bundle('@DIR@/folders');
--! grep -c 'inline:.*:27:00000000000001_a/metadata.toml$' @DIR@/folders.bundle
--! grep -c notes @DIR@/folders.bundle || true
--< @DIR@/folders.bundle
SELECT migrate_load('@DIR@/folders');
SELECT version, file, trim(options) FROM migrate_migration
WHERE project = 'folders' ORDER BY position;
SELECT migrate_config('project', 'single');
--> @DIR@/single.bundle SELECT migrate_bundle('@DIR@/away/0001_customers.sql');
--< @DIR@/single.bundle
SELECT migrate_load('@DIR@/away/0001_customers.sql');
SELECT version, file FROM migrate_migration WHERE project = 'single';

-- What is absent from a bundle has not vanished; an older release's changes
-- nothing.
SELECT migrate_config('project', 'release');
--@ release/1_a.sql
--| SELECT 1;
--@ release/2_b.sql
--| SELECT 2;
SELECT migrate_load('@DIR@/release');
--! rm @DIR@/release/1_a.sql
--> @DIR@/release.bundle SELECT migrate_bundle('@DIR@/release');
--< @DIR@/release.bundle
SELECT migrate_apply();
SELECT version, state FROM migrate_status();
--! printf 'SELECT 3;\n' > @DIR@/release/1_a.sql; rm @DIR@/release/2_b.sql
--> @DIR@/release.bundle SELECT migrate_bundle('@DIR@/release');
--! sed -i '/^COMMIT/,$d' @DIR@/release.bundle
--< @DIR@/release.bundle
COMMIT;
SELECT count(*) FROM migrate_show('1') WHERE section LIKE 'new%';

-- A version that belongs to another source.
SELECT migrate_config('project', 'conflict');
SELECT migrate_add('2', 'SELECT 22');
--! printf 'SELECT 2;\n' > @DIR@/release/2_b.sql
--> @DIR@/release.bundle SELECT migrate_bundle('@DIR@/release');
--< @DIR@/release.bundle
SELECT version FROM migrate_migration WHERE project = 'conflict';

-- A call that was damaged, one that was left out.
SELECT migrate_config('project', 'damaged');
--! printf 'SELECT 44;\n' > @DIR@/release/2_b.sql
--> @DIR@/release.bundle SELECT migrate_bundle('@DIR@/release');
--! sed -i 's/ .SELECT 44;/& /; /^BEGIN/d; /^COMMIT/d' @DIR@/release.bundle
--< @DIR@/release.bundle
SELECT version FROM migrate_migration WHERE project = 'damaged';

-- Nothing to bundle.
SELECT migrate_bundle('@DIR@/nowhere');
SELECT migrate_bundle('');
SELECT migrate_bundle(NULL);
SELECT migrate_bundle('@DIR@/latin');
--@ latin/1_one.sql
--% SELECT '\xE4';
SELECT migrate_config('source', 'two
lines');

-- Calls that no bundle has.
SELECT migrate_add('1', 'SELECT 1', NULL, NULL, 'bundle:1
');
SELECT migrate_add('text', 'SELECT 1', 'x', NULL, 'bundle:1
');
SELECT migrate_add('text', 'SELECT 1', NULL, 'x', 'bundle:1
');
SELECT migrate_add('text', 'SELECT 1', NULL, NULL, '');
SELECT migrate_add('text', 'SELECT 1', NULL, NULL, 'bundle:2
anything');
SELECT migrate_add('text', 'SELECT ~4', NULL, NULL, 'bundle:1
');
SELECT migrate_add('bundle', '', NULL, NULL, 'bundle:1
source:x
format:native
text:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:1_a.sql
');
SELECT migrate_add('bundle', '', NULL, NULL, 'bundle:1
source:x
format:native
inline:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:0:../1_a.sql
');
SELECT migrate_add('9', 'SELECT 1', NULL, NULL, NULL);
