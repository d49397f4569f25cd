CREATE TABLE custom (id integer);
