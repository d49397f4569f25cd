PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "gorp_migrations" ("id" varchar(255) not null primary key, "applied_at" datetime);
INSERT INTO gorp_migrations VALUES('1-customers.sql','2026-11-21 15:59:53.40774217+00:00');
INSERT INTO gorp_migrations VALUES('2-items.sql','2026-11-21 15:59:53.409605397+00:00');
INSERT INTO gorp_migrations VALUES('3-purchases.sql','2026-11-21 15:59:53.414139035+00:00');
INSERT INTO gorp_migrations VALUES('4-index_item.sql','2026-11-21 15:59:53.417198923+00:00');
INSERT INTO gorp_migrations VALUES('5-bought.sql','2026-11-21 15:59:53.421169962+00:00');
INSERT INTO gorp_migrations VALUES('6-trim_name.sql','2026-11-21 15:59:53.423989594+00:00');
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
