-- Revert shop:trim_name

BEGIN;

DROP TRIGGER trim_name ON customer;
DROP FUNCTION trim_name();

COMMIT;
