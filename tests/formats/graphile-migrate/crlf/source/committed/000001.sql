--! Previous: -
--! Hash: sha1:04c16633da7904c37cb5f6e2ec0a8942f3ca0b4d

CREATE TABLE first (id integer);
-- a ${variable} is none here
