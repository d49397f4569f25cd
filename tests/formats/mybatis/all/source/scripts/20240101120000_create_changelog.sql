-- // Create Changelog
CREATE TABLE ${changelog} (id numeric);

-- //@UNDO
DROP TABLE ${changelog};
