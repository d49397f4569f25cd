-- // customers of a shop
-- Migration SQL that makes the change goes here.
CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);

-- //@UNDO
-- SQL to undo the change goes here.
DROP TABLE customer;
