-- Deploy shop:orders to sqlite
-- requires: orders@v1.0

BEGIN;

DROP VIEW orders;
CREATE VIEW orders AS SELECT id, name FROM users;

COMMIT;
