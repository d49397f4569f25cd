-- Verify shop:bought

BEGIN;

SELECT name, label FROM bought WHERE false;

ROLLBACK;
