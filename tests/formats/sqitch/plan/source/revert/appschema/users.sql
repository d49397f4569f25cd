-- Revert shop:appschema/users from sqlite

BEGIN;

DROP TABLE users;

COMMIT;
