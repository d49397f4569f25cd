--
-- PostgreSQL database dump
--

CREATE TABLE one (id integer);
