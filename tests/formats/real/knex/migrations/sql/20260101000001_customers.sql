-- migrate:up
CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);

-- migrate:down
DROP TABLE customer;
