--! Previous: sha1:48d9ee8cf8a4a7bddd1507cbf76d3d8464d463af
--! Hash: sha1:445b351c078504bab9de64cd12f9099d5870588d

--! no-transactions are only a word
CREATE TABLE last (id integer, "grün" text);
