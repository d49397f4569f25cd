CREATE SCHEMA supabase_migrations;
CREATE FUNCTION public.trim_name() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$;
CREATE TABLE public.customer (
    id integer NOT NULL,
    name text NOT NULL
);
CREATE TABLE public.item (
    id integer NOT NULL,
    label text NOT NULL,
    price integer DEFAULT 0 NOT NULL,
    CONSTRAINT item_price_check CHECK ((price >= 0))
);
CREATE TABLE public.purchase (
    id integer NOT NULL,
    customer integer NOT NULL,
    item integer NOT NULL
);
CREATE VIEW public.bought AS
 SELECT c.name,
    i.label
   FROM ((public.purchase p
     JOIN public.customer c ON ((c.id = p.customer)))
     JOIN public.item i ON ((i.id = p.item)));
CREATE TABLE supabase_migrations.schema_migrations (
    version text NOT NULL,
    statements text[],
    name text
);
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
INSERT INTO supabase_migrations.schema_migrations VALUES ('20260101000001', '{"CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
)"}', 'customers');
INSERT INTO supabase_migrations.schema_migrations VALUES ('20260102000001', '{"CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
)","INSERT INTO item VALUES (1, ''a label with ; and ''''quotes'''''', 100)"}', 'items');
INSERT INTO supabase_migrations.schema_migrations VALUES ('20260103000001', '{"CREATE TABLE purchase (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customer,
    item integer NOT NULL REFERENCES item
)","CREATE INDEX purchase_by_customer ON purchase (customer)"}', 'purchases');
INSERT INTO supabase_migrations.schema_migrations VALUES ('20260104000001', '{"CREATE INDEX item_by_price ON item (price)"}', 'index_item');
INSERT INTO supabase_migrations.schema_migrations VALUES ('20260105000001', '{"CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item"}', 'bought');
INSERT INTO supabase_migrations.schema_migrations VALUES ('20260106000001', '{"CREATE FUNCTION trim_name() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$","CREATE TRIGGER trim_name BEFORE INSERT ON customer
FOR EACH ROW EXECUTE FUNCTION trim_name()"}', 'trim_name');
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_label_key UNIQUE (label);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_pkey PRIMARY KEY (id);
ALTER TABLE ONLY supabase_migrations.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
CREATE INDEX item_by_price ON public.item USING btree (price);
CREATE INDEX purchase_by_customer ON public.purchase USING btree (customer);
CREATE TRIGGER trim_name BEFORE INSERT ON public.customer FOR EACH ROW EXECUTE FUNCTION public.trim_name();
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_customer_fkey FOREIGN KEY (customer) REFERENCES public.customer(id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_item_fkey FOREIGN KEY (item) REFERENCES public.item(id);
