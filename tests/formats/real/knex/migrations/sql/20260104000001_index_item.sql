-- migrate:up
CREATE INDEX item_by_price ON item (price);

-- migrate:down
DROP INDEX item_by_price;
