CREATE FUNCTION public.trim_name() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$;
CREATE TABLE public._prisma_migrations (
    id character varying(36) NOT NULL,
    checksum character varying(64) NOT NULL,
    finished_at timestamp with time zone,
    migration_name character varying(255) NOT NULL,
    logs text,
    rolled_back_at timestamp with time zone,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    applied_steps_count integer DEFAULT 0 NOT NULL
);
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
INSERT INTO public._prisma_migrations VALUES ('8e998983-4176-4a4d-a885-0c495b812021', 'afea6cfc0290da82ec07ba1004b3704f9ed2cdd431fdd9a9806f10dc89eede59', '2026-11-21 16:00:13.727+00', '20260101000001_customers', NULL, NULL, '2026-11-21 16:00:13.694+00', 1);
INSERT INTO public._prisma_migrations VALUES ('1086c7e5-8d33-46e0-a88b-e6671c9fb4ee', '497d0ab4cdc88377f7a78bcfaceb878f4bf356afd68af926d15ca932dfba7b36', '2026-11-21 16:00:13.775+00', '20260102000001_items', NULL, NULL, '2026-11-21 16:00:13.731+00', 1);
INSERT INTO public._prisma_migrations VALUES ('99824232-34a0-4191-9d16-1ee090b08526', '0809fac4cc975d42df00a8739fd887f7a84c983dfb56c6d882fcc230a6b52a5a', '2026-11-21 16:00:13.795+00', '20260103000001_purchases', NULL, NULL, '2026-11-21 16:00:13.783+00', 1);
INSERT INTO public._prisma_migrations VALUES ('feba2f72-3c7a-4ec9-85bf-ded3fcb3e402', '680e9a6805d1c92ee1842100ab6be7fa7a32045f12a7123678c2512bc980a2ab', '2026-11-21 16:00:13.807+00', '20260104000001_index_item', NULL, NULL, '2026-11-21 16:00:13.799+00', 1);
INSERT INTO public._prisma_migrations VALUES ('c4ae45a5-f49b-4d89-9a04-83517d5ad0c6', '8ed1e898ee29e4f69346fc49e7498c9b3a77551995ac910270d780a5fbf08fc0', '2026-11-21 16:00:13.815+00', '20260105000001_bought', NULL, NULL, '2026-11-21 16:00:13.808+00', 1);
INSERT INTO public._prisma_migrations VALUES ('d3ed6eee-c204-4ccc-8990-21500139fa88', 'b9466a59c43b60cacffa77f32b870c4ba8756bbdb0df5d8c955e5f71763e11f0', '2026-11-21 16:00:13.828+00', '20260106000001_trim_name', NULL, NULL, '2026-11-21 16:00:13.819+00', 1);
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
ALTER TABLE ONLY public._prisma_migrations
    ADD CONSTRAINT _prisma_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_label_key UNIQUE (label);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_pkey PRIMARY KEY (id);
CREATE INDEX item_by_price ON public.item USING btree (price);
CREATE INDEX purchase_by_customer ON public.purchase USING btree (customer);
CREATE TRIGGER trim_name BEFORE INSERT ON public.customer FOR EACH ROW EXECUTE FUNCTION public.trim_name();
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_customer_fkey FOREIGN KEY (customer) REFERENCES public.customer(id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_item_fkey FOREIGN KEY (item) REFERENCES public.item(id);
