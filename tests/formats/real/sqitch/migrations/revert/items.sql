-- Revert shop:items

BEGIN;

DROP TABLE item;

COMMIT;
