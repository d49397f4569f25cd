-- Verify shop:report on sqlite

SELECT n FROM report;
