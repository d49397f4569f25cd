-- migrate:up
CREATE TABLE common (id integer);
-- migrate:up sqlite
CREATE TABLE lite (id integer);
-- migrate:up postgresql
CREATE TABLE big (id bigint);
