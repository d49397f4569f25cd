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
INSERT INTO _prisma_migrations VALUES('cb500743-9dbe-448d-a396-15eb9e275735','afea6cfc0290da82ec07ba1004b3704f9ed2cdd431fdd9a9806f10dc89eede59','2026-11-21T15:59:50.793+00:00','20260101000001_customers',NULL,NULL,'2026-11-21T15:59:50.784+00:00',1);
INSERT INTO _prisma_migrations VALUES('8625ec51-b13d-4009-b303-cd0db1b67429','497d0ab4cdc88377f7a78bcfaceb878f4bf356afd68af926d15ca932dfba7b36','2026-11-21T15:59:50.804+00:00','20260102000001_items',NULL,NULL,'2026-11-21T15:59:50.794+00:00',1);
INSERT INTO _prisma_migrations VALUES('b119a05f-ecf3-4ad7-9a4b-68024b02257a','0809fac4cc975d42df00a8739fd887f7a84c983dfb56c6d882fcc230a6b52a5a','2026-11-21T15:59:50.815+00:00','20260103000001_purchases',NULL,NULL,'2026-11-21T15:59:50.807+00:00',1);
INSERT INTO _prisma_migrations VALUES('f7ea543e-4c15-4095-8c61-ae40b7135613','680e9a6805d1c92ee1842100ab6be7fa7a32045f12a7123678c2512bc980a2ab','2026-11-21T15:59:50.820+00:00','20260104000001_index_item',NULL,NULL,'2026-11-21T15:59:50.816+00:00',1);
INSERT INTO _prisma_migrations VALUES('8451cbc7-7ed7-4197-9a70-2059a2eb3bc0','8ed1e898ee29e4f69346fc49e7498c9b3a77551995ac910270d780a5fbf08fc0','2026-11-21T15:59:50.826+00:00','20260105000001_bought',NULL,NULL,'2026-11-21T15:59:50.820+00:00',1);
INSERT INTO _prisma_migrations VALUES('499c7fca-0bfa-4fd7-b09a-13e9634c5867','bd5fd9d712490c14cd41bfbd92b6ddbaa51afcf43cc90a12cab626a76aa7e8c7','2026-11-21T15:59:50.834+00:00','20260106000001_trim_name',NULL,NULL,'2026-11-21T15:59:50.831+00:00',1);
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
CREATE INDEX item_by_price ON item (price);
CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item;
CREATE TRIGGER trim_name AFTER INSERT ON customer
BEGIN
    UPDATE customer SET name = trim(new.name) WHERE id = new.id;
    SELECT 'a ; in a body';
END;
COMMIT;
