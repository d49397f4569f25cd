-- // trim_name of a shop
-- Migration SQL that makes the change goes here.
-- //@DELIMITER /
CREATE TRIGGER trim_name AFTER INSERT ON customer
BEGIN
    UPDATE customer SET name = trim(new.name) WHERE id = new.id;
    SELECT 'a ; in a body';
END
/
-- //@DELIMITER ;

-- //@UNDO
-- SQL to undo the change goes here.
DROP TRIGGER trim_name;
