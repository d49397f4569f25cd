PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
);
INSERT INTO _prisma_migrations VALUES('141453ba-d5aa-4fd0-b547-d9413c7f5e97','afea6cfc0290da82ec07ba1004b3704f9ed2cdd431fdd9a9806f10dc89eede59','2026-11-21T15:59:51.775+00:00','20260101000001_customers',NULL,NULL,'2026-11-21T15:59:51.768+00:00',1);
INSERT INTO _prisma_migrations VALUES('2c60a7f2-9964-4d67-a73c-bf79ce25e772','497d0ab4cdc88377f7a78bcfaceb878f4bf356afd68af926d15ca932dfba7b36','2026-11-21T15:59:51.783+00:00','20260102000001_items',NULL,NULL,'2026-11-21T15:59:51.776+00:00',1);
INSERT INTO _prisma_migrations VALUES('67de9b0e-2bf1-4563-bbd9-2c0440e393b4','0809fac4cc975d42df00a8739fd887f7a84c983dfb56c6d882fcc230a6b52a5a','2026-11-21T15:59:51.794+00:00','20260103000001_purchases',NULL,NULL,'2026-11-21T15:59:51.786+00:00',1);
CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);
CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
);
INSERT INTO item VALUES(1,'a label with ; and ''quotes''',100);
CREATE TABLE purchase (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customer,
    item integer NOT NULL REFERENCES item
);
CREATE INDEX purchase_by_customer ON purchase (customer);
COMMIT;
