-- Verify shop:trim_name

BEGIN;

SELECT 1;

ROLLBACK;
