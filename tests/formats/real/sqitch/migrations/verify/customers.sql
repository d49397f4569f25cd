-- Verify shop:customers

BEGIN;

SELECT id, name FROM customer WHERE false;

ROLLBACK;
