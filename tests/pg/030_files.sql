-- Reading files of the server.  They are made in its data directory.
BEGIN;
SELECT plan(20);
SET client_min_messages = warning;

CREATE EXTENSION migrate;
CREATE ROLE outsider;
CREATE ROLE reader;
GRANT pg_read_server_files TO reader;
GRANT EXECUTE ON FUNCTION migrate_load(text) TO outsider, reader;

CREATE FUNCTION root() RETURNS text LANGUAGE sql AS
    $$ SELECT current_setting('data_directory') || '/migrate_test' $$;
CREATE FUNCTION shell(command text) RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', command); END $$;

SELECT shell(format('rm -rf %1$s;
    mkdir -p %1$s/open %1$s/openly %1$s/shut %1$s/linked &&
    echo "CREATE TABLE one (id int);" > %1$s/open/1_one.sql &&
    echo "CREATE TABLE two (id int);" > %1$s/shut/2_two.sql &&
    cp %1$s/shut/2_two.sql %1$s/openly &&
    ln -s %1$s/shut %1$s/linked/link && mkfifo %1$s/shut/3_pipe.sql', root()));
CREATE TEMP TABLE place AS SELECT root() AS root;
GRANT SELECT ON place TO PUBLIC;
CREATE FUNCTION pg_temp.loading(path text) RETURNS text LANGUAGE sql AS
    $$ SELECT format('SELECT migrate_load(%L)', root || path) FROM place $$;

SET ROLE outsider;
SELECT throws_ok(pg_temp.loading('/open'), '42501', NULL,
                 'files are refused');
SELECT throws_ok(pg_temp.loading('/shut/2_two.sql'), '42501', NULL,
                 'also a single one');
SELECT throws_ok(pg_temp.loading('/missing'), '42501', NULL,
                 'whether it exists or not');
SELECT throws_ok('SELECT migrate_load(''/'')', '42501', NULL, 'also the root');
SELECT throws_ok('SET migrate.directories = ''/''', '42501', NULL,
                 'nobody helps himself');
SELECT throws_ok('SELECT migrate_load(''open'')', '22023', NULL,
                 'a relative path is refused');
SELECT throws_ok('SELECT migrate_load('''')', '22023', NULL,
                 'an empty one too');
RESET ROLE;

SELECT set_config('migrate.directories',
                  format('/nowhere, %1$s/open, %1$s/linked', root), true)
FROM place;
SET ROLE outsider;
SELECT lives_ok(pg_temp.loading('/open'), 'a listed folder can be read');
SELECT lives_ok(pg_temp.loading('/open/1_one.sql'), 'and a file in it');
SELECT throws_ok(pg_temp.loading('/open/missing'), '58030', NULL,
                 'and told to lack one');
SELECT throws_ok(pg_temp.loading('/shut'), '42501', NULL, 'others cannot');
SELECT throws_ok(pg_temp.loading('/openly'), '42501', NULL,
                 'nor one whose name begins like it');
SELECT throws_ok(pg_temp.loading('/open/../shut'), '42501', NULL,
                 'nor by ..');
SELECT throws_ok(pg_temp.loading('/open/missing/../../shut'), '42501', NULL,
                 'nor by .. behind what is missing');
SELECT throws_ok(pg_temp.loading('/linked/link'), '42501', NULL,
                 'nor by a link');
SELECT throws_ok(pg_temp.loading('/linked/link/2_two.sql'), '42501', NULL,
                 'nor by a link in the middle');
RESET ROLE;
RESET migrate.directories;

SET ROLE reader;
SELECT lives_ok(pg_temp.loading('/open'), 'pg_read_server_files can read all');
SELECT throws_ok(pg_temp.loading('/missing'), '58030', NULL,
                 'and learns what is missing');
SELECT throws_matching(pg_temp.loading('/shut/3_pipe.sql'), 'pipe',
                       'a pipe is not waited for');
RESET ROLE;
SELECT throws_like(pg_temp.loading(E'/\n'), '%does not exist%',
                   'any name can be asked for');
SELECT shell('rm -rf ' || root) FROM place;

SELECT * FROM finish();
ROLLBACK;
