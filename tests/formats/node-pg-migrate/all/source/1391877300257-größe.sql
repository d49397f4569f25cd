-- Up Migration
SELECT 9;
-- Down Migration
