-- Verify shop:orders on sqlite

BEGIN;

SELECT id FROM orders WHERE 0 = 1;

ROLLBACK;
