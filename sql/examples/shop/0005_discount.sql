-- migrate:up
ALTER TABLE customer ADD COLUMN discount_percent integer NOT NULL DEFAULT 0;
UPDATE customer SET discount_percent = 10 WHERE email = 'grace@example.com';

-- migrate:down
ALTER TABLE customer DROP COLUMN discount_percent;
