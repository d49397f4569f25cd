CREATE TABLE in_dump (id integer);
