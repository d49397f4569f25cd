PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "__drizzle_migrations" (
				id SERIAL PRIMARY KEY,
				hash text NOT NULL,
				created_at numeric
			);
INSERT INTO __drizzle_migrations VALUES(NULL,'afea6cfc0290da82ec07ba1004b3704f9ed2cdd431fdd9a9806f10dc89eede59',1767225600000);
INSERT INTO __drizzle_migrations VALUES(NULL,'130fa996a026b93da36068551a484011262547dd2191f3082dff61dafed5e85b',1767229200001);
INSERT INTO __drizzle_migrations VALUES(NULL,'d3d80d1610c8319ec7a281c2d0b21477144da13fcb3ba9daba3d4d7776890851',1767232800002);
INSERT INTO __drizzle_migrations VALUES(NULL,'680e9a6805d1c92ee1842100ab6be7fa7a32045f12a7123678c2512bc980a2ab',1767236400003);
INSERT INTO __drizzle_migrations VALUES(NULL,'8ed1e898ee29e4f69346fc49e7498c9b3a77551995ac910270d780a5fbf08fc0',1767240000004);
INSERT INTO __drizzle_migrations VALUES(NULL,'bd5fd9d712490c14cd41bfbd92b6ddbaa51afcf43cc90a12cab626a76aa7e8c7',1767243600005);
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
