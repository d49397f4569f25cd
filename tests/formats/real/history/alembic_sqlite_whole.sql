PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES('6a0c00000006');
CREATE TABLE customer (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id)
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
CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item;
CREATE INDEX item_by_price ON item (price);
CREATE TRIGGER trim_name AFTER INSERT ON customer
BEGIN
    UPDATE customer SET name = trim(new.name) WHERE id = new.id;
    SELECT 'a ; in a body';
END;
COMMIT;
