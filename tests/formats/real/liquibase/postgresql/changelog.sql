--liquibase formatted sql

--changeset shop:customers
--comment: customers of a shop
CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);
--rollback DROP TABLE customer;

--changeset shop:items
--comment: items of a shop
CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
);
INSERT INTO item VALUES (1, 'a label with ; and ''quotes''', 100);
--rollback DROP TABLE item;

--changeset shop:purchases
--comment: purchases of a shop
CREATE TABLE purchase (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customer,
    item integer NOT NULL REFERENCES item
);
CREATE INDEX purchase_by_customer ON purchase (customer);
--rollback DROP TABLE purchase;

--changeset shop:index_item
--comment: index_item of a shop
CREATE INDEX item_by_price ON item (price);
--rollback DROP INDEX item_by_price;

--changeset shop:bought
--comment: bought of a shop
CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item;
--rollback DROP VIEW bought;

--changeset shop:trim_name stripComments:false endDelimiter://
--comment: trim_name of a shop
CREATE FUNCTION trim_name() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$;
//
CREATE TRIGGER trim_name BEFORE INSERT ON customer
FOR EACH ROW EXECUTE FUNCTION trim_name();
//
--rollback DROP TRIGGER trim_name ON customer;
--rollback DROP FUNCTION trim_name();
