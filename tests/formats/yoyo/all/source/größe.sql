CREATE TABLE g (id int);
