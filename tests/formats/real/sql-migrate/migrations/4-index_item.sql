-- +migrate Up notransaction
CREATE INDEX item_by_price ON item (price);

-- +migrate Down notransaction
DROP INDEX item_by_price;
