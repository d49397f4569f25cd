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
CREATE TABLE public.gorp_migrations (
    id text NOT NULL,
    applied_at timestamp with time zone
);
INSERT INTO public.gorp_migrations VALUES ('1-customers.sql', '2026-11-21 16:00:41.028481+00');
INSERT INTO public.gorp_migrations VALUES ('2-items.sql', '2026-11-21 16:00:41.032227+00');
INSERT INTO public.gorp_migrations VALUES ('3-purchases.sql', '2026-11-21 16:00:41.035107+00');
INSERT INTO public.gorp_migrations VALUES ('4-index_item.sql', '2026-11-21 16:00:41.035602+00');
INSERT INTO public.gorp_migrations VALUES ('5-bought.sql', '2026-11-21 16:00:41.036298+00');
INSERT INTO public.gorp_migrations VALUES ('6-trim_name.sql', '2026-11-21 16:00:41.037559+00');
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.gorp_migrations
    ADD CONSTRAINT gorp_migrations_pkey PRIMARY KEY (id);
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
