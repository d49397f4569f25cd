-- From 0.1.0 to 0.2.0: procedures, which commit after each migration.
\echo Use "ALTER EXTENSION migrate UPDATE TO '0.2.0'" to load this file. \quit

CREATE PROCEDURE migrate_deploy(target text DEFAULT NULL)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C;
COMMENT ON PROCEDURE migrate_deploy(text) IS
    'apply pending migrations up to target, committing after each; also what '
    'cannot be in a transaction';

CREATE PROCEDURE migrate_revert()
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C;
COMMENT ON PROCEDURE migrate_revert() IS
    'undo the migration applied last, and commit';

CREATE PROCEDURE migrate_revert(target text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C;
COMMENT ON PROCEDURE migrate_revert(text) IS
    'undo back to target, which stays applied, committing after each migration';

CREATE PROCEDURE migrate_revert(target text, reason text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C;
COMMENT ON PROCEDURE migrate_revert(text, text) IS
    'the same, with a reason for the history';

REVOKE ALL ON PROCEDURE
    migrate_deploy(text), migrate_revert(), migrate_revert(text),
    migrate_revert(text, text)
    FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE
    migrate_deploy(text), migrate_revert(), migrate_revert(text),
    migrate_revert(text, text)
    TO @extowner@ WITH GRANT OPTION;

CREATE PROCEDURE migrate_deploy_all(pattern text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C;
COMMENT ON PROCEDURE migrate_deploy_all(text) IS
    'apply what is pending in every schema whose name is LIKE pattern, a '
    'transaction each';

CREATE FUNCTION migrate_targets()
    RETURNS TABLE (target text, version text, applied bigint, pending bigint,
                   applied_at timestamptz)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_targets() IS
    'every schema that has a history, its version and how much it is behind';

REVOKE ALL ON PROCEDURE migrate_deploy_all(text) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE migrate_deploy_all(text)
    TO @extowner@ WITH GRANT OPTION;
REVOKE ALL ON FUNCTION migrate_targets() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION migrate_targets() TO @extowner@ WITH GRANT OPTION;

CREATE FUNCTION migrate_sources(directory text)
    RETURNS TABLE (file text, format text, version text, name text,
                   sections text, note text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_sources(text) IS
    'what each file of a directory is: the migrations in it, or why it is '
    'passed over; writes nothing';

REVOKE ALL ON FUNCTION migrate_sources(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION migrate_sources(text)
    TO @extowner@ WITH GRANT OPTION;

CREATE FUNCTION migrate_adopt(tool text DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_adopt(text) IS
    'take over the history that another tool has kept in this database; '
    'returns how many migrations were recorded as applied';

CREATE FUNCTION migrate_adopt_report(tool text DEFAULT NULL)
    RETURNS TABLE (history text, recorded text, version text, state text,
                   applied_at timestamptz, applied_by text, problem text,
                   hint text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_adopt_report(text) IS
    'what migrate_adopt() finds: which rows of the other history match which '
    'migrations, which do not, and why';

REVOKE ALL ON FUNCTION migrate_adopt(text), migrate_adopt_report(text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION migrate_adopt(text), migrate_adopt_report(text)
    TO @extowner@ WITH GRANT OPTION;

-- Beside the one with four arguments, so that whoever was granted that has it.
CREATE FUNCTION migrate_add(version text, up text, down text, name text,
                            details text) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_add(text, text, text, text, text) IS
    'one call of a script that migrate_bundle() has written';

CREATE FUNCTION migrate_bundle(source text) RETURNS text
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_bundle(text) IS
    'a directory or file of the server as a script of migrate_add() calls, for '
    'a server that cannot see it';

REVOKE ALL ON FUNCTION
    migrate_add(text, text, text, text, text), migrate_bundle(text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    migrate_add(text, text, text, text, text), migrate_bundle(text)
    TO @extowner@ WITH GRANT OPTION;

-- Reasons for the history, beside the ones without, as above.
CREATE FUNCTION migrate_rollback(target text, reason text) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_rollback(text, text) IS
    'undo back to target, which stays applied, with a reason for the history';

CREATE FUNCTION migrate_redo(reason text) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_redo(text) IS
    'undo the migration applied last and apply it again, with a reason for '
    'the history';

CREATE FUNCTION migrate_stamp(version text, reason text) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_stamp(text, text) IS
    'record everything up to version as applied without running it, with a '
    'reason for the history';

REVOKE ALL ON FUNCTION
    migrate_rollback(text, text), migrate_redo(text), migrate_stamp(text, text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    migrate_rollback(text, text), migrate_redo(text), migrate_stamp(text, text)
    TO @extowner@ WITH GRANT OPTION;

-- Out of trouble.

CREATE FUNCTION migrate_baseline(version text, reason text DEFAULT NULL)
    RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_baseline(text, text) IS
    'declare a database that was there before its migrations to be at version: '
    'all up to it is passed over; returns how many were recorded as applied';

CREATE FUNCTION migrate_repair(version text DEFAULT NULL,
                               reason text DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_repair(text, text) IS
    'do what migrate_repair_plan(version) says; the schema is not touched; '
    'returns how many of its rows were done';

CREATE FUNCTION migrate_repair_plan(version text DEFAULT NULL)
    RETURNS TABLE (version text, state text, action text, detail text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_repair_plan(text) IS
    'what migrate_repair(version) would do about migrations that are changed, '
    'failed, missing or withdrawn';

REVOKE ALL ON FUNCTION
    migrate_baseline(text, text), migrate_repair(text, text),
    migrate_repair_plan(text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    migrate_baseline(text, text), migrate_repair(text, text),
    migrate_repair_plan(text)
    TO @extowner@ WITH GRANT OPTION;

-- Guards.

CREATE FUNCTION migrate_preflight(target text DEFAULT NULL)
    RETURNS TABLE (name text, state text, detail text, hint text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_preflight(text) IS
    'what a run up to target depends on, and what would stop it; reads only';

CREATE FUNCTION migrate_record_backup(label text) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_record_backup(text) IS
    'record that a backup was made; for the job that makes it';

REVOKE ALL ON FUNCTION migrate_preflight(text), migrate_record_backup(text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    migrate_preflight(text), migrate_record_backup(text)
    TO @extowner@ WITH GRANT OPTION;

-- The recorded schema.

CREATE TABLE migrate_object (
    target text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    identity text COLLATE "C" NOT NULL,
    parent text COLLATE "C",
    definition text COLLATE "C" NOT NULL,
    PRIMARY KEY (target, key)
);
COMMENT ON TABLE migrate_object IS
    'the recorded schema: what was there after the last run, and is expected '
    'since; one row with kind record says how it is written and what its '
    'fingerprint is';
COMMENT ON COLUMN migrate_object.key IS 'SHA-256 over kind and identity';
COMMENT ON COLUMN migrate_object.parent IS
    'identity of what it is a part of';

CREATE TABLE migrate_delta (
    project text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    objects text COLLATE "C" NOT NULL,
    PRIMARY KEY (project, target, version, seq)
);
COMMENT ON TABLE migrate_delta IS
    'what migrations that are applied now have changed of the schema';
COMMENT ON COLUMN migrate_delta.objects IS
    'each object as it was before and after';

SELECT pg_catalog.pg_extension_config_dump('migrate_object', '');
SELECT pg_catalog.pg_extension_config_dump('migrate_delta', '');
ALTER TABLE migrate_object OWNER TO @extowner@;
ALTER TABLE migrate_delta OWNER TO @extowner@;

CREATE FUNCTION migrate_fingerprint(version text DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_fingerprint(text) IS
    'fingerprint of the schema as it is now, or as it was recorded with an '
    'applied migration';

CREATE FUNCTION migrate_drift()
    RETURNS TABLE (kind text, object text, change text, expected text,
                   actual text, changed_at timestamptz, changed_by text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_drift() IS
    'what of the schema differs from what was recorded after the last run';

CREATE FUNCTION migrate_accept(version text DEFAULT NULL,
                               reason text DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_accept(text, text) IS
    'record the present schema as the expected one; returns how many '
    'differences there were; with version: take its present text as the one '
    'that was applied';

CREATE FUNCTION migrate_seal(version text) RETURNS text
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_seal(text) IS
    'the line that makes a migration expect the schema that it has led to';

REVOKE ALL ON FUNCTION
    migrate_fingerprint(text), migrate_drift(), migrate_accept(text, text),
    migrate_seal(text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    migrate_fingerprint(text), migrate_drift(), migrate_accept(text, text),
    migrate_seal(text)
    TO @extowner@ WITH GRANT OPTION;

-- Other hands: what changes the schema without being a migration.  Rows are
-- written by the module, past everything but the table's columns; see
-- docs/architecture.md.

CREATE TABLE migrate_ddl (
    at bigint NOT NULL,
    number bigint NOT NULL,
    transaction bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    application text COLLATE "C" NOT NULL,
    client text COLLATE "C" NOT NULL,
    process bigint NOT NULL,
    command text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    schema text COLLATE "C",
    object text COLLATE "C",
    outcome text COLLATE "C" NOT NULL,
    statement text COLLATE "C"
) USING heap;
-- It has no index, so that writing it cannot fail; rows can be deleted also
-- where all tables are published.
ALTER TABLE migrate_ddl REPLICA IDENTITY FULL;
COMMENT ON TABLE migrate_ddl IS
    'changes of the schema that were no migrations, where the setting watch '
    'asks for them; see migrate_foreign_ddl()';
COMMENT ON COLUMN migrate_ddl.number IS 'order of what one command has done';
COMMENT ON COLUMN migrate_ddl.actor IS 'who has logged in';
COMMENT ON COLUMN migrate_ddl.role IS 'with whose rights the command ran';

SELECT pg_catalog.pg_extension_config_dump('migrate_ddl', '');
ALTER TABLE migrate_ddl OWNER TO @extowner@;

CREATE FUNCTION migrate_foreign_ddl()
    RETURNS TABLE (at timestamptz, actor text, role text, application text,
                   client text, process bigint, transaction bigint,
                   command text, kind text, object text, outcome text,
                   statement text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_foreign_ddl() IS
    'every change of the schema that was no migration, as far as the setting '
    'watch had it recorded, oldest first';

REVOKE ALL ON FUNCTION migrate_foreign_ddl() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION migrate_foreign_ddl()
    TO @extowner@ WITH GRANT OPTION;

CREATE FUNCTION migrate_watch() RETURNS event_trigger
    AS 'MODULE_PATHNAME', 'pg_migrate_watch'
    LANGUAGE C;
COMMENT ON FUNCTION migrate_watch() IS
    'what the event triggers call while the setting watch is not off';
REVOKE ALL ON FUNCTION migrate_watch() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION migrate_watch() TO @extowner@ WITH GRANT OPTION;

-- Off until the setting wants them: then they cost nothing, and a server
-- without the module has nothing to miss.
CREATE EVENT TRIGGER migrate_watch_start ON ddl_command_start
    WHEN TAG IN ('ALTER SUBSCRIPTION', 'ALTER TABLE', 'CREATE INDEX',
                 'CREATE SUBSCRIPTION', 'DROP INDEX', 'DROP SUBSCRIPTION')
    EXECUTE FUNCTION migrate_watch();
ALTER EVENT TRIGGER migrate_watch_start DISABLE;
COMMENT ON EVENT TRIGGER migrate_watch_start IS
    'refuses what could not be undone';
CREATE EVENT TRIGGER migrate_watch_end ON ddl_command_end
    EXECUTE FUNCTION migrate_watch();
ALTER EVENT TRIGGER migrate_watch_end DISABLE;
COMMENT ON EVENT TRIGGER migrate_watch_end IS
    'records or refuses what was made or changed';
CREATE EVENT TRIGGER migrate_watch_drop ON sql_drop
    EXECUTE FUNCTION migrate_watch();
ALTER EVENT TRIGGER migrate_watch_drop DISABLE;
COMMENT ON EVENT TRIGGER migrate_watch_drop IS
    'records or refuses what was dropped';

-- Whether the history can be believed.

CREATE FUNCTION migrate_verify()
    RETURNS TABLE (kind text, version text, object text, problem text,
                   hint text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_verify() IS
    'what is wrong with the history, the records and the database; no rows '
    'means that all is well';

CREATE FUNCTION migrate_verify(head text)
    RETURNS TABLE (kind text, version text, object text, problem text,
                   hint text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_verify(text) IS
    'what is wrong with the history, the records, the texts, the migrations '
    'and the schema; no row: nothing is';

CREATE FUNCTION migrate_export_history() RETURNS text
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_export_history() IS
    'the whole history, a JSON object in each line, to be kept elsewhere: '
    'migrate_verify(head) compares with it';

REVOKE ALL ON FUNCTION migrate_verify(), migrate_verify(text),
    migrate_export_history()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION migrate_verify(), migrate_verify(text),
    migrate_export_history()
    TO @extowner@ WITH GRANT OPTION;

-- What default privileges have given: nobody but the owner writes the tables,
-- or calls what he has not granted.
CREATE FUNCTION migrate_close_rights() RETURNS void
    AS 'MODULE_PATHNAME', 'pg_migrate_close_rights'
    LANGUAGE C;
SELECT migrate_close_rights();
DROP FUNCTION migrate_close_rights();
