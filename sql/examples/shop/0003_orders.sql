-- migrate:requires 0001, 0002
-- migrate:up
CREATE TABLE purchase (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customer (id),
    product_id integer NOT NULL REFERENCES product (id),
    quantity integer NOT NULL DEFAULT 1 CHECK (quantity > 0)
);
CREATE INDEX purchase_customer ON purchase (customer_id);
INSERT INTO purchase (id, customer_id, product_id, quantity) VALUES
    (1, 1, 1, 1),
    (2, 2, 3, 10);

-- migrate:down
DROP TABLE purchase;
