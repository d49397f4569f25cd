-- Revert shop:orders from sqlite

BEGIN;

DROP VIEW orders;
CREATE VIEW orders AS SELECT id FROM users;

COMMIT;
