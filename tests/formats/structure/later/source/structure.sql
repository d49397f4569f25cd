CREATE TABLE users (id integer);
CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
INSERT INTO schema_migrations (version) VALUES
('20240102000000'),
('20240101000000');
