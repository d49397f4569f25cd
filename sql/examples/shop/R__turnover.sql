-- Run again whenever this file has changed.
DROP VIEW IF EXISTS turnover;
CREATE VIEW turnover AS
    SELECT c.name, sum(p.quantity * a.price_cents) AS cents
    FROM purchase p
    JOIN customer c ON c.id = p.customer_id
    JOIN product a ON a.id = p.product_id
    GROUP BY c.name;
