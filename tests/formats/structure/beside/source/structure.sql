CREATE TABLE IF NOT EXISTS "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY);
CREATE TABLE IF NOT EXISTS "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar);
CREATE TABLE IF NOT EXISTS "users" ("id" integer PRIMARY KEY NOT NULL, "name" varchar);
INSERT INTO "schema_migrations" (version) VALUES
('20240102000000'),
('20240101000000');

