CREATE INDEX item_by_price ON item (price);

---- create above / drop below ----

DROP INDEX item_by_price;
