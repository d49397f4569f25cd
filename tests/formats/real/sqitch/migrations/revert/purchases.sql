-- Revert shop:purchases

BEGIN;

DROP TABLE purchase;

COMMIT;
