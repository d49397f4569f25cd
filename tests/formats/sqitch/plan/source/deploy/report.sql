-- Deploy shop:report to sqlite

CREATE VIEW report AS SELECT count(*) AS n FROM orders;
