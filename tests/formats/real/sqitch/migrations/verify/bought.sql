-- Verify shop:bought

BEGIN;

SELECT name, label, price FROM bought WHERE false;

ROLLBACK;
