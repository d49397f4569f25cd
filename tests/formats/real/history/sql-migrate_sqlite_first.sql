PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "gorp_migrations" ("id" varchar(255) not null primary key, "applied_at" datetime);
INSERT INTO gorp_migrations VALUES('1-customers.sql','2026-11-21 15:59:53.497268758+00:00');
INSERT INTO gorp_migrations VALUES('2-items.sql','2026-11-21 15:59:53.499245255+00:00');
INSERT INTO gorp_migrations VALUES('3-purchases.sql','2026-11-21 15:59:53.500755731+00:00');
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
