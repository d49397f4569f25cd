-- Verify shop:items

BEGIN;

SELECT id, label, price FROM item WHERE false;

ROLLBACK;
