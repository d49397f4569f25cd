CREATE SCHEMA graphile_migrate;
CREATE FUNCTION public.trim_name() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$;
CREATE TABLE graphile_migrate.current (
    filename text DEFAULT 'current.sql'::text NOT NULL,
    content text NOT NULL,
    date timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE graphile_migrate.migrations (
    hash text NOT NULL,
    previous_hash text,
    filename text NOT NULL,
    date timestamp with time zone DEFAULT now() NOT NULL
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
INSERT INTO graphile_migrate.migrations VALUES ('sha1:f443338ca7ad3c6a4616fa0191e3528781a6fe0a', NULL, '000001.sql', '2026-11-21 17:22:14.255112+00');
INSERT INTO graphile_migrate.migrations VALUES ('sha1:0007bfa5bd22f6f543aa5d399b74afa6f9e37c92', 'sha1:f443338ca7ad3c6a4616fa0191e3528781a6fe0a', '000002.sql', '2026-11-21 17:22:14.296901+00');
INSERT INTO graphile_migrate.migrations VALUES ('sha1:73a56804453e0a604ba08680ed10502b40465c25', 'sha1:0007bfa5bd22f6f543aa5d399b74afa6f9e37c92', '000003.sql', '2026-11-21 17:22:14.36547+00');
INSERT INTO graphile_migrate.migrations VALUES ('sha1:4db8faaecd7895613744075cca04dbdfe9148474', 'sha1:73a56804453e0a604ba08680ed10502b40465c25', '000004.sql', '2026-11-21 17:22:14.424678+00');
INSERT INTO graphile_migrate.migrations VALUES ('sha1:696dd2690fb9fe5a1a8f754bc1e16143b900b0d0', 'sha1:4db8faaecd7895613744075cca04dbdfe9148474', '000005.sql', '2026-11-21 17:22:14.446694+00');
INSERT INTO graphile_migrate.migrations VALUES ('sha1:eff429cf98e20050caac53d6f515402146505502', 'sha1:696dd2690fb9fe5a1a8f754bc1e16143b900b0d0', '000006.sql', '2026-11-21 17:22:14.471125+00');
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
ALTER TABLE ONLY graphile_migrate.current
    ADD CONSTRAINT current_pkey PRIMARY KEY (filename);
ALTER TABLE ONLY graphile_migrate.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (hash);
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
ALTER TABLE ONLY graphile_migrate.migrations
    ADD CONSTRAINT migrations_previous_hash_fkey FOREIGN KEY (previous_hash) REFERENCES graphile_migrate.migrations(hash);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_customer_fkey FOREIGN KEY (customer) REFERENCES public.customer(id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_item_fkey FOREIGN KEY (item) REFERENCES public.item(id);
