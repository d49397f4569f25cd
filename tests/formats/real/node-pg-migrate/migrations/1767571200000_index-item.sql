-- Up Migration
CREATE INDEX item_by_price ON item (price);

-- Down Migration
DROP INDEX item_by_price;
