-- +goose Up
CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);

-- +goose Down
DROP TABLE customer;
