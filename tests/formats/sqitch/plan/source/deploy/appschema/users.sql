-- Deploy shop:appschema/users to sqlite

BEGIN;

CREATE TABLE users (id integer PRIMARY KEY, name text);

COMMIT;
