CREATE TABLE very_last (id integer);
