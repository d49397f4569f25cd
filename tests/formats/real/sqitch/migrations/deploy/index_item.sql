-- Deploy shop:index_item

BEGIN;

CREATE INDEX item_by_price ON item (price);

COMMIT;
