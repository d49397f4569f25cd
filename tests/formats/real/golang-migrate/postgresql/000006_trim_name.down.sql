DROP TRIGGER trim_name ON customer;
DROP FUNCTION trim_name();
