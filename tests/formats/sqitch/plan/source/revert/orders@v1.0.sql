-- Revert shop:orders from sqlite

BEGIN;

DROP VIEW orders;

COMMIT;
