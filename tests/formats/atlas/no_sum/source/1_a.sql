-- atlas:txmode none

CREATE TABLE a (id integer);
