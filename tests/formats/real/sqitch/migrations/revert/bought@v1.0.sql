-- Revert shop:bought

BEGIN;

DROP VIEW bought;

COMMIT;
