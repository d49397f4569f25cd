-- atlas:txmode none
CREATE TABLE attached (id integer);
