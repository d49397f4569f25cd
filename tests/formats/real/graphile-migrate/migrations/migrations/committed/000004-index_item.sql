--! Previous: sha1:73a56804453e0a604ba08680ed10502b40465c25
--! Hash: sha1:4db8faaecd7895613744075cca04dbdfe9148474
--! Message: index_item

--! no-transaction
CREATE INDEX CONCURRENTLY item_by_price ON item (price);
