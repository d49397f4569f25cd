-- Deploy shop:bought
-- requires: bought@v1.0

BEGIN;

DROP VIEW bought;
CREATE VIEW bought AS
SELECT c.name, i.label, i.price
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item;

COMMIT;
