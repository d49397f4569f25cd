-- atlas:checkpoint

CREATE TABLE first (id integer);
