-- index_item of a shop
-- depends: 0003.purchases
CREATE INDEX item_by_price ON item (price);
