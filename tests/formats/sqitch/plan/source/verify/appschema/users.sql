-- Verify shop:appschema/users on sqlite

BEGIN;

SELECT id, name FROM users WHERE 0 = 1;

ROLLBACK;
