--! Previous: -
--! Hash: sha1:f443338ca7ad3c6a4616fa0191e3528781a6fe0a
--! Message: customers

CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);
