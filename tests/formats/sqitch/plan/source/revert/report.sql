-- Revert shop:report from sqlite

DROP VIEW report;
