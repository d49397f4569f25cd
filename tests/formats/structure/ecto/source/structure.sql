CREATE TABLE public.schema_migrations (version bigint NOT NULL, inserted_at timestamp);
CREATE TABLE public.users (id bigint);
INSERT INTO public."schema_migrations" (version) VALUES (20240101000000);
INSERT INTO public."schema_migrations" (version) VALUES (20240102000000);
