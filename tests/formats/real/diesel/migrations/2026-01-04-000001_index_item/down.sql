DROP INDEX item_by_price;
