-- migrate:up transaction:false
CREATE INDEX item_by_price ON item (price);

-- migrate:down transaction:false
DROP INDEX item_by_price;
