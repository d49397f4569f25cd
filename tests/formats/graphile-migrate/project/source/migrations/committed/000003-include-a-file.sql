--! Previous: sha1:67483f3a16299da5a928ce23cb4722ae94949420
--! Hash: sha1:48d9ee8cf8a4a7bddd1507cbf76d3d8464d463af
--! Message: Include a file

--! Included functions/one.sql
CREATE VIEW one AS SELECT 1 AS one;
--! EndIncluded functions/one.sql
