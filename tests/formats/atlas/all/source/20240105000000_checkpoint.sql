-- atlas:checkpoint v1

CREATE TABLE first (id integer);
