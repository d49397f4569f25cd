-- The catalogue's tables on SQLite; PostgreSQL's stand in migrate--*.sql and
-- have the same names and columns.  Times are microseconds since 1970-01-01 UTC.

-- Texts of migrations, byte for byte, each under the SHA-256 of its bytes.
CREATE TABLE main.migrate_text (
    hash text NOT NULL PRIMARY KEY,
    body blob NOT NULL
);

-- Migrations as they were last loaded.
CREATE TABLE main.migrate_migration (
    project text NOT NULL,
    version text NOT NULL,
    position text NOT NULL,       -- run order: compared byte by byte
    name text NOT NULL,
    format text NOT NULL,
    source text NOT NULL,         -- label of the directory it came from
    file text,                    -- its path there; NULL: given as text
    checksum text NOT NULL,       -- SHA-256 without BOM, line ends made LF
    requires text NOT NULL,       -- versions, a line break behind each
    options text NOT NULL,
    up text NOT NULL,             -- slices of texts: hash:offset:length:line
    down text,
    verify text,
    present integer NOT NULL,     -- 0: absent from the source's last load
    added_at integer NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (project, version),
    UNIQUE (project, position)
) WITHOUT ROWID;

-- What is applied now, with the text that takes it back.
CREATE TABLE main.migrate_applied (
    project text NOT NULL,
    target text NOT NULL,
    version text NOT NULL,
    position text NOT NULL,
    name text NOT NULL,
    file text,
    checksum text NOT NULL,
    up text NOT NULL,
    down text,
    verify text,
    ordinal integer NOT NULL,     -- order of application
    at integer NOT NULL,
    actor text NOT NULL,
    duration_us integer NOT NULL,
    added_by text NOT NULL,       -- who brought the text in
    PRIMARY KEY (project, target, version)
) WITHOUT ROWID;

-- The history; each row holds the hash of the one before.
CREATE TABLE main.migrate_event (
    project text NOT NULL,
    target text NOT NULL,
    seq integer NOT NULL,
    at integer NOT NULL,
    action text NOT NULL,
    version text,
    name text,
    outcome text NOT NULL,
    duration_us integer,
    actor text NOT NULL,
    client text NOT NULL,
    checksum text,
    detail text,
    previous_hash text,
    hash text NOT NULL,
    PRIMARY KEY (project, target, seq)
) WITHOUT ROWID;

CREATE TABLE main.migrate_setting (
    name text NOT NULL PRIMARY KEY,
    value text NOT NULL,
    set_by text NOT NULL
) WITHOUT ROWID;
