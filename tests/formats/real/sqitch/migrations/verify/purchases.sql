-- Verify shop:purchases

BEGIN;

SELECT id FROM purchase WHERE false;

ROLLBACK;
