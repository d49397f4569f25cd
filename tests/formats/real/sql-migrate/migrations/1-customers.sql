-- +migrate Up
CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);

-- +migrate Down
DROP TABLE customer;
