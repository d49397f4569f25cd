-- migrate:up
CREATE TABLE product (
    id integer PRIMARY KEY,
    name text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents > 0)
);
INSERT INTO product (id, name, price_cents) VALUES
    (1, 'Abacus', 1999),
    (2, 'Slide rule', 2450),
    (3, 'Punched cards; box of 2,000', 1200);

-- migrate:down
DROP TABLE product;
