-- Another comment, or another layout, is no other text of an applied migration.
--@ m/1_one.sql
--| -- One table.
--| -- migrate:up
--| CREATE TABLE three (a integer, b text DEFAULT 'it''s -- one');
--| INSERT INTO three VALUES (1, 'x /* y */ z');
--| -- migrate:down
--| DROP TABLE three; -- all of it
--| -- migrate:verify
--| SELECT count(*) = 1 FROM three;
--@ m/R__view.sql
--| DROP VIEW IF EXISTS ones;
--| CREATE VIEW ones AS SELECT a, b FROM three;
--@ d/1_four/up.sql
--| SELECT 4;
--@ d/1_four/down.sql
--| SELECT -4;
--@ g/1_two.up.sql
--| CREATE TABLE two (a integer);
--@ g/1_two.down.sql
--| DROP TABLE two;
SELECT migrate_add('1', '-- migrate:up
CREATE TABLE one (a integer, b text DEFAULT ''it''''s -- one'');
INSERT INTO one VALUES (1, ''x /* y */ z'');
-- migrate:down
DROP TABLE one; -- all of it
-- migrate:verify
SELECT count(*) = 1 FROM one;');
SELECT migrate_add('2', 'SELECT 2', 'SELECT -2');
SELECT migrate_add('R__view', 'SELECT ''a view''');
SELECT migrate_apply();

-- Comments and layout everywhere, and the marks' lines as they were.
SELECT migrate_add('1', '-- A table
-- of one row.
-- migrate:up
CREATE TABLE one
(
    a integer, -- the number
    b text DEFAULT ''it''''s -- one''
) /* nothing more */ ;

INSERT INTO one VALUES(1,''x /* y */ z'');
-- migrate:down
	DROP TABLE one;
-- migrate:verify
SELECT count(*)=1 FROM one; -- just one');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_add('2', 'SELECT /* two */ 2', '-- back
SELECT -2');
SELECT migrate_add('R__view', 'SELECT ''a view'' -- of nothing');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
SELECT migrate_apply();
SELECT section FROM migrate_show('2');

-- It is never an error.
SELECT migrate_config('on_changed', 'error');
SELECT migrate_add('3', 'SELECT 3');
SELECT migrate_apply();
SELECT count(*) FROM migrate_history() WHERE action = 'apply' AND version = 'R__view';

-- What is in a literal or a quoted name counts; so does the way back.
SELECT migrate_add('1', '-- migrate:up
CREATE TABLE one (a integer, b text DEFAULT ''it''''s  -- one'');
INSERT INTO one VALUES (1, ''x /* y */ z'');
-- migrate:down
DROP TABLE one; -- all of it
-- migrate:verify
SELECT count(*) = 1 FROM one;');
SELECT state, detail FROM migrate_status() WHERE version = '1';
SELECT migrate_add('1', '-- migrate:up
CREATE TABLE one (a integer, b text DEFAULT ''it''''s -- one'');
INSERT INTO one VALUES (1, ''x /* y  */ z'');
-- migrate:down
DROP TABLE one; -- all of it
-- migrate:verify
SELECT count(*) = 1 FROM one;');
SELECT state FROM migrate_status() WHERE version = '1';
SELECT migrate_add('2', 'SELECT 2', 'SELECT - 3');
SELECT state FROM migrate_status() WHERE version = '2';
SELECT migrate_add('2', 'SELECT 2', 'SELECT - 2');
SELECT state, detail FROM migrate_status() WHERE version = '2';
-- A way back that is new, or gone, is no comment.
SELECT migrate_add('2', 'SELECT 2');
SELECT state FROM migrate_status() WHERE version = '2';
SELECT migrate_add('3', 'SELECT 3', '-- nothing');
SELECT state FROM migrate_status() WHERE version = '3';
SELECT migrate_add('3', 'SELECT 3');

-- Marks in comments are no comments.
SELECT migrate_add('3', '-- migrate:up transaction:false
SELECT 3');
SELECT state FROM migrate_status() WHERE version = '3';
SELECT migrate_add('3', '-- migrate:requires 1
SELECT 3');
SELECT state FROM migrate_status() WHERE version = '3';
SELECT migrate_add('3', '-- migrate:env production, development
SELECT 3');
SELECT state FROM migrate_status() WHERE version = '3';
SELECT migrate_add('3', '-- migrate:up
SELECT 3
-- migrate:verify
SELECT 1 = 1');
SELECT state FROM migrate_status() WHERE version = '3';
SELECT migrate_add('3', '-- migrate:up

  SELECT 3');
SELECT state, detail FROM migrate_status() WHERE version = '3';
-- Removed, they count as well.
SELECT migrate_add('4', '-- migrate:env development
SELECT 4');
SELECT migrate_config('on_changed', 'warn');
SELECT migrate_apply();
SELECT migrate_add('4', 'SELECT 4');
SELECT state FROM migrate_status() WHERE version = '4';
SELECT migrate_add('4', '-- said
-- migrate:env development
SELECT 4');
SELECT state, detail FROM migrate_status() WHERE version = '4';

-- Where a variable stands in a comment, the comment counts.
SELECT migrate_config('var.much', '1');
SELECT migrate_add('5', 'SELECT 5 -- ${much}');
SELECT migrate_apply();
SELECT migrate_add('5', 'SELECT 5 -- still ${much}');
SELECT state FROM migrate_status() WHERE version = '5';
SELECT migrate_add('5', 'SELECT 5');
SELECT state FROM migrate_status() WHERE version = '5';
-- Variables in statements are compared as they are written.
SELECT migrate_add('6', '-- migrate:up
SELECT ${much}
-- migrate:down
SELECT -${much}');
SELECT migrate_apply();
SELECT migrate_config('var.much', '2');
SELECT migrate_add('6', '-- migrate:up
SELECT ${much} -- more
-- migrate:down
SELECT -${much} /* less */');
SELECT state, detail FROM migrate_status() WHERE version = '6';
SELECT migrate_add('6', '-- migrate:up
SELECT ${much}
-- migrate:down
SELECT -1');
SELECT state FROM migrate_status() WHERE version = '6';

-- A repeatable one runs again for another statement, not for another comment.
SELECT migrate_add('R__view', 'SELECT ''another view'' -- of nothing');
SELECT state, detail FROM migrate_status() WHERE version = 'R__view';
SELECT migrate_pending();
SELECT migrate_apply();
SELECT migrate_add('R__view', 'SELECT ''another view''');
SELECT state, detail FROM migrate_status() WHERE version = 'R__view';
SELECT migrate_apply();

-- Directories: one file with marks, two files, line ends.
SELECT migrate_config('project', 'files');
SELECT migrate_up('@DIR@/m');
--! printf '%s\r\n' '-- migrate:up' '-- A table.' "CREATE TABLE three (a integer, b text DEFAULT 'it''s -- one');" "INSERT INTO three VALUES (1, 'x /* y */ z');" '-- migrate:down' 'DROP TABLE three;' '-- migrate:verify' 'SELECT count(*) = 1 FROM three;' > @DIR@/m/1_one.sql
--! printf '%s\n' '/* The view. */ DROP VIEW IF EXISTS ones;' 'CREATE VIEW ones AS SELECT a, b FROM three;' > @DIR@/m/R__view.sql
SELECT migrate_load('@DIR@/m');
SELECT version, state, detail FROM migrate_status();
SELECT migrate_pending();
SELECT migrate_apply();
SELECT migrate_config('project', 'pairs');
SELECT migrate_up('@DIR@/g');
--! printf '%s\n' '-- Back.' 'DROP TABLE two;' > @DIR@/g/1_two.down.sql
SELECT migrate_load('@DIR@/g');
SELECT version, state, detail FROM migrate_status();
--! printf '%s\n' 'DROP TABLE IF EXISTS two;' > @DIR@/g/1_two.down.sql
SELECT migrate_load('@DIR@/g');
SELECT version, state, detail FROM migrate_status();
-- A folder of files; of its options the catalogue keeps no text.
SELECT migrate_config('project', 'folders');
SELECT migrate_up('@DIR@/d');
--! echo 'SELECT -4; -- back' > @DIR@/d/1_four/down.sql
SELECT migrate_load('@DIR@/d');
SELECT version, state, detail FROM migrate_status();
--! echo 'run_in_transaction = false' > @DIR@/d/1_four/metadata.toml
SELECT migrate_load('@DIR@/d');
SELECT version, state, detail FROM migrate_status();
