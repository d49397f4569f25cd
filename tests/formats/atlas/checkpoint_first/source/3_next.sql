CREATE TABLE next (id integer);
