CREATE TABLE t (id integer); CREATE TABLE b (id integer);
