-- Verify shop:orders on sqlite

BEGIN;

SELECT name FROM orders WHERE 0 = 1;

ROLLBACK;
