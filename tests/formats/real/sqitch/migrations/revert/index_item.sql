-- Revert shop:index_item

BEGIN;

DROP INDEX item_by_price;

COMMIT;
