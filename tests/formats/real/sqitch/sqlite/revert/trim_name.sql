-- Revert shop:trim_name

BEGIN;

DROP TRIGGER trim_name;

COMMIT;
