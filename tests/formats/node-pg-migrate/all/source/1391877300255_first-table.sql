-- The first table.
-- Up Migration
CREATE TABLE t (id int);
-- Down Migration
DROP TABLE t;
