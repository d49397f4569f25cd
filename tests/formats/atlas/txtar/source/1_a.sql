-- atlas:txtar

-- checks.sql --
-- atlas:assert oneof
SELECT 1;

-- migration.sql --
DROP TABLE a;
