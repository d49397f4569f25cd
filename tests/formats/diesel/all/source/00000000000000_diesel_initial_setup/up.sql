CREATE TABLE setup (id integer);
