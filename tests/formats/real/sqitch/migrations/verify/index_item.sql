-- Verify shop:index_item

BEGIN;

SELECT 1;

ROLLBACK;
