-- // index_item of a shop
-- Migration SQL that makes the change goes here.
CREATE INDEX item_by_price ON item (price);

-- //@UNDO
-- SQL to undo the change goes here.
DROP INDEX item_by_price;
