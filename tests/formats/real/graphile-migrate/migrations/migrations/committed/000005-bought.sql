--! Previous: sha1:4db8faaecd7895613744075cca04dbdfe9148474
--! Hash: sha1:696dd2690fb9fe5a1a8f754bc1e16143b900b0d0
--! Message: bought

CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item;
