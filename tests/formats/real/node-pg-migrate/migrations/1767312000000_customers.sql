-- Up Migration
CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);

-- Down Migration
DROP TABLE customer;
