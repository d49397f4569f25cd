-- The first.
-- depends: zebra  bear
-- depends: cat
-- transactional: FALSE

CREATE TABLE a (id int);
-- depends: nobody
