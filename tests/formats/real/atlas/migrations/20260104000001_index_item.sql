CREATE INDEX item_by_price ON item (price);
