CREATE TABLE shop (id integer);
