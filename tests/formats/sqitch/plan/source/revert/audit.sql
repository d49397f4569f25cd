-- Revert shop:audit from sqlite

DROP TABLE audit;
