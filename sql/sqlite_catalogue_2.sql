-- The tables that layout 2 adds to those of sqlite_catalogue.sql.

-- The recorded schema: what was there after the last run, and is expected since.
-- One row with kind 'record' says how it is written and what its fingerprint is.
CREATE TABLE main.migrate_object (
    target text NOT NULL,
    key text NOT NULL,            -- SHA-256 over kind and identity
    kind text NOT NULL,
    identity text NOT NULL,
    parent text,                  -- identity of what it is a part of
    definition text NOT NULL,     -- in the engine's words, in one form
    PRIMARY KEY (target, key)
) WITHOUT ROWID;

-- What migrations that are applied now have changed of the schema.
CREATE TABLE main.migrate_delta (
    project text NOT NULL,
    target text NOT NULL,
    version text NOT NULL,
    seq integer NOT NULL,         -- of the event with which it was recorded
    objects text NOT NULL,        -- each as it was before and after
    PRIMARY KEY (project, target, version, seq)
) WITHOUT ROWID;
