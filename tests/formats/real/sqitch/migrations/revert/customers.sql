-- Revert shop:customers

BEGIN;

DROP TABLE customer;

COMMIT;
