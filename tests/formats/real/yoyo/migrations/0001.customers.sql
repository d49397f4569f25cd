-- customers of a shop
CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);
