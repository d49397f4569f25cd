-- The version of the extension is three numbers.
SELECT CASE WHEN migrate_version() LIKE '%_.%_.%_' THEN 'three' END;
-- Looking at a database that has never seen a migration finds nothing, and is
-- no error.
SELECT migrate_current();
SELECT migrate_pending();
SELECT count(*) FROM migrate_status();
SELECT count(*) FROM migrate_history();
SELECT count(*) FROM migrate_plan();
SELECT migrate_apply();
SELECT migrate_rollback('base');
SELECT count(*) FROM migrate_history();
