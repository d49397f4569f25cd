PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE `knex_migrations` (`id` integer not null primary key autoincrement, `name` varchar(255), `batch` integer, `migration_time` datetime);
INSERT INTO knex_migrations VALUES(1,'20260101000001_customers.js',1,1795281674121);
INSERT INTO knex_migrations VALUES(2,'20260102000001_items.js',1,1795281674121);
INSERT INTO knex_migrations VALUES(3,'20260103000001_purchases.js',1,1795281674121);
INSERT INTO knex_migrations VALUES(4,'20260104000001_index_item.js',1,1795281674123);
INSERT INTO knex_migrations VALUES(5,'20260105000001_bought.js',1,1795281674123);
INSERT INTO knex_migrations VALUES(6,'20260106000001_trim_name.js',1,1795281674124);
CREATE TABLE `knex_migrations_lock` (`index` integer not null primary key autoincrement, `is_locked` integer);
INSERT INTO knex_migrations_lock VALUES(1,0);
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
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('knex_migrations_lock',1);
INSERT INTO sqlite_sequence VALUES('knex_migrations',6);
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
