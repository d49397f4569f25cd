DROP VIEW bought;
