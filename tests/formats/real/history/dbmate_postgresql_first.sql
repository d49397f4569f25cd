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
CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
INSERT INTO public.schema_migrations VALUES ('20260101000001');
INSERT INTO public.schema_migrations VALUES ('20260102000001');
INSERT INTO public.schema_migrations VALUES ('20260103000001');
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_label_key UNIQUE (label);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
CREATE INDEX purchase_by_customer ON public.purchase USING btree (customer);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_customer_fkey FOREIGN KEY (customer) REFERENCES public.customer(id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_item_fkey FOREIGN KEY (item) REFERENCES public.item(id);
