-- Deploy shop:orders to sqlite
-- requires: appschema/users

BEGIN;

CREATE VIEW orders AS SELECT id FROM users;

COMMIT;
