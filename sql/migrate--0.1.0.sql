-- The PostgreSQL extension: its tables and its functions.
\echo Use "CREATE EXTENSION migrate" to load this file. \quit

-- The catalogue.  Tables and columns are those of sqlite_catalogue.sql; times
-- are microseconds since 1970-01-01 UTC.  What is ordered is ordered byte by
-- byte.  No row is inserted here: restoring a dump would find it there twice.

CREATE TABLE migrate_text (
    hash text COLLATE "C" NOT NULL PRIMARY KEY,
    body bytea NOT NULL
);
COMMENT ON TABLE migrate_text IS
    'texts of migrations, byte for byte, each under the SHA-256 of its bytes';
-- Not compressed: slices of it are read.
ALTER TABLE migrate_text ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE migrate_migration (
    project text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    position text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    format text NOT NULL,
    source text NOT NULL,
    file text,
    checksum text NOT NULL,
    requires text NOT NULL,
    options text NOT NULL,
    up text NOT NULL,
    down text,
    verify text,
    present integer NOT NULL,
    added_at bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (project, version),
    UNIQUE (project, position)
);
COMMENT ON TABLE migrate_migration IS 'migrations as they were last loaded';
COMMENT ON COLUMN migrate_migration.position IS
    'run order, compared byte by byte';
COMMENT ON COLUMN migrate_migration.source IS
    'label of the directory it came from';
COMMENT ON COLUMN migrate_migration.file IS
    'path in that directory; NULL: given as text';
COMMENT ON COLUMN migrate_migration.checksum IS
    'SHA-256 of the text without byte order mark, line ends made LF';
COMMENT ON COLUMN migrate_migration.requires IS
    'versions, a line break behind each';
COMMENT ON COLUMN migrate_migration.up IS
    'slices of texts: hash:offset:length:line';
COMMENT ON COLUMN migrate_migration.present IS
    '0: absent from the last load of its source';

CREATE TABLE migrate_applied (
    project text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    position text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    file text,
    checksum text NOT NULL,
    up text NOT NULL,
    down text,
    verify text,
    ordinal bigint NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    duration_us bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (project, target, version)
);
COMMENT ON TABLE migrate_applied IS
    'migrations that are applied now, with the text that takes them back';
COMMENT ON COLUMN migrate_applied.ordinal IS 'order of application';
COMMENT ON COLUMN migrate_applied.added_by IS 'who brought the text in';

CREATE TABLE migrate_event (
    project text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    action text NOT NULL,
    version text COLLATE "C",
    name text COLLATE "C",
    outcome text NOT NULL,
    duration_us bigint,
    actor text NOT NULL,
    client text NOT NULL,
    checksum text,
    detail text,
    previous_hash text,
    hash text NOT NULL,
    PRIMARY KEY (project, target, seq)
);
COMMENT ON TABLE migrate_event IS
    'the history; each row holds the hash of the one before';

CREATE TABLE migrate_setting (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    value text NOT NULL,
    set_by text NOT NULL
);
COMMENT ON TABLE migrate_setting IS
    'settings stored in the database; see migrate_settings()';

SELECT pg_catalog.pg_extension_config_dump('migrate_text', '');
SELECT pg_catalog.pg_extension_config_dump('migrate_migration', '');
SELECT pg_catalog.pg_extension_config_dump('migrate_applied', '');
SELECT pg_catalog.pg_extension_config_dump('migrate_event', '');
SELECT pg_catalog.pg_extension_config_dump('migrate_setting', '');

-- The tables are the owner's, who may be no superuser, so that the owner's own
-- pg_dump can read them.
ALTER TABLE migrate_text OWNER TO @extowner@;
ALTER TABLE migrate_migration OWNER TO @extowner@;
ALTER TABLE migrate_applied OWNER TO @extowner@;
ALTER TABLE migrate_event OWNER TO @extowner@;
ALTER TABLE migrate_setting OWNER TO @extowner@;

-- The functions.  All have one entry point, which knows them by their names.
-- They run with the rights of whoever calls them.

-- Bring migrations in

CREATE FUNCTION migrate_load(source text) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_load(text) IS
    'read a directory or file of the server into the catalogue; returns how '
    'many migrations are new or changed';

CREATE FUNCTION migrate_add(version text, up text, down text DEFAULT NULL,
                            name text DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_add(text, text, text, text) IS
    'take one migration given as text into the catalogue; returns 1 when it '
    'is new or changed';

CREATE FUNCTION migrate_up(source text, target text DEFAULT NULL)
    RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_up(text, text) IS
    'migrate_load, then migrate_apply; returns how many were applied';

-- Run them

CREATE FUNCTION migrate_apply(target text DEFAULT NULL) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_apply(text) IS
    'apply pending migrations up to target; returns how many';

CREATE FUNCTION migrate_rollback() RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_rollback() IS
    'undo the migration applied last; returns how many';

CREATE FUNCTION migrate_rollback(target text) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_rollback(text) IS
    'undo back to target, which stays applied; returns how many';

CREATE FUNCTION migrate_redo() RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_redo() IS
    'undo the migration applied last and apply it again';

CREATE FUNCTION migrate_stamp(version text) RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_stamp(text) IS
    'record everything up to version as applied without running it';

-- Look

CREATE FUNCTION migrate_status()
    RETURNS TABLE (version text, name text, state text,
                   applied_at timestamptz, applied_by text,
                   duration_ms double precision, reversible boolean,
                   detail text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_status() IS
    'every migration and its state, in run order';

CREATE FUNCTION migrate_current() RETURNS text
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_current() IS
    'version of the last applied migration in run order; NULL when none';

CREATE FUNCTION migrate_pending() RETURNS integer
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_pending() IS
    'how many migrations migrate_apply() would apply now';

CREATE FUNCTION migrate_history()
    RETURNS TABLE (seq bigint, at timestamptz, action text, version text,
                   name text, outcome text, duration_ms double precision,
                   actor text, client text, checksum text, detail text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_history() IS 'every event ever, oldest first';

CREATE FUNCTION migrate_plan(target text DEFAULT NULL)
    RETURNS TABLE (step bigint, version text, action text, statement bigint,
                   line bigint, sql text, transactional boolean, note text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_plan(text) IS
    'the statements that migrate_apply(target) would run';

CREATE FUNCTION migrate_show(version text)
    RETURNS TABLE (version text, name text, section text, checksum text,
                   sql text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_show(text) IS
    'the stored text of a migration, section by section';

-- Settings

CREATE FUNCTION migrate_config(name text) RETURNS text
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_config(text) IS 'value of a setting';

CREATE FUNCTION migrate_config(name text, value text) RETURNS text
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION migrate_config(text, text) IS
    'store a setting in the database; NULL puts it back to its default';

CREATE FUNCTION migrate_settings()
    RETURNS TABLE (name text, value text, default_value text, source text,
                   description text)
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION migrate_settings() IS
    'all settings, and where each value comes from';

CREATE FUNCTION migrate_version() RETURNS text
    AS 'MODULE_PATHNAME', 'pg_migrate_call'
    LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION migrate_version() IS 'version of the extension';

-- Who may execute a function has the right to migrate.  The extension's owner
-- has it, and can give it to others; anybody may ask how things stand.

REVOKE ALL ON FUNCTION
    migrate_load(text), migrate_add(text, text, text, text),
    migrate_up(text, text), migrate_apply(text), migrate_rollback(),
    migrate_rollback(text), migrate_redo(), migrate_stamp(text),
    migrate_history(), migrate_plan(text), migrate_show(text),
    migrate_config(text), migrate_config(text, text), migrate_settings()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    migrate_load(text), migrate_add(text, text, text, text),
    migrate_up(text, text), migrate_apply(text), migrate_rollback(),
    migrate_rollback(text), migrate_redo(), migrate_stamp(text),
    migrate_history(), migrate_plan(text), migrate_show(text),
    migrate_config(text), migrate_config(text, text), migrate_settings()
    TO @extowner@ WITH GRANT OPTION;
