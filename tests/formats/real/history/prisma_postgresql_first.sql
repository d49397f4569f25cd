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
INSERT INTO public._prisma_migrations VALUES ('e813de2f-b363-4f66-be62-07e1abaf78da', 'afea6cfc0290da82ec07ba1004b3704f9ed2cdd431fdd9a9806f10dc89eede59', '2026-11-21 16:00:26.403+00', '20260101000001_customers', NULL, NULL, '2026-11-21 16:00:26.392+00', 1);
INSERT INTO public._prisma_migrations VALUES ('d6d5c86b-5f03-45a9-8c66-49f2ebf484fa', '497d0ab4cdc88377f7a78bcfaceb878f4bf356afd68af926d15ca932dfba7b36', '2026-11-21 16:00:26.448+00', '20260102000001_items', NULL, NULL, '2026-11-21 16:00:26.415+00', 1);
INSERT INTO public._prisma_migrations VALUES ('93822ff3-94fb-4111-8452-6bc59e100166', '0809fac4cc975d42df00a8739fd887f7a84c983dfb56c6d882fcc230a6b52a5a', '2026-11-21 16:00:26.484+00', '20260103000001_purchases', NULL, NULL, '2026-11-21 16:00:26.455+00', 1);
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
CREATE INDEX purchase_by_customer ON public.purchase USING btree (customer);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_customer_fkey FOREIGN KEY (customer) REFERENCES public.customer(id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_item_fkey FOREIGN KEY (item) REFERENCES public.item(id);
