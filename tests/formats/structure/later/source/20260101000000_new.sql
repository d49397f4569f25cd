-- migrate:up
ALTER TABLE users ADD COLUMN ${column} text;
-- migrate:down
ALTER TABLE users DROP COLUMN ${column};
