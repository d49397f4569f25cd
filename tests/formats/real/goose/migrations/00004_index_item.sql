-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX item_by_price ON item (price);

-- +goose Down
DROP INDEX item_by_price;
