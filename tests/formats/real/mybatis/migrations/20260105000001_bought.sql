-- // bought of a shop
-- Migration SQL that makes the change goes here.
CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item;

-- //@UNDO
-- SQL to undo the change goes here.
DROP VIEW bought;
