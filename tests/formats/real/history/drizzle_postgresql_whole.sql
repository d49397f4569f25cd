CREATE SCHEMA drizzle;
CREATE FUNCTION public.trim_name() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$;
CREATE TABLE drizzle.__drizzle_migrations (
    id integer NOT NULL,
    hash text NOT NULL,
    created_at bigint
);
CREATE SEQUENCE drizzle.__drizzle_migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE drizzle.__drizzle_migrations_id_seq OWNED BY drizzle.__drizzle_migrations.id;
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
ALTER TABLE ONLY drizzle.__drizzle_migrations ALTER COLUMN id SET DEFAULT nextval('drizzle.__drizzle_migrations_id_seq'::regclass);
INSERT INTO drizzle.__drizzle_migrations VALUES (1, 'afea6cfc0290da82ec07ba1004b3704f9ed2cdd431fdd9a9806f10dc89eede59', 1767225600000);
INSERT INTO drizzle.__drizzle_migrations VALUES (2, '130fa996a026b93da36068551a484011262547dd2191f3082dff61dafed5e85b', 1767229200001);
INSERT INTO drizzle.__drizzle_migrations VALUES (3, 'd3d80d1610c8319ec7a281c2d0b21477144da13fcb3ba9daba3d4d7776890851', 1767232800002);
INSERT INTO drizzle.__drizzle_migrations VALUES (4, '680e9a6805d1c92ee1842100ab6be7fa7a32045f12a7123678c2512bc980a2ab', 1767236400003);
INSERT INTO drizzle.__drizzle_migrations VALUES (5, '8ed1e898ee29e4f69346fc49e7498c9b3a77551995ac910270d780a5fbf08fc0', 1767240000004);
INSERT INTO drizzle.__drizzle_migrations VALUES (6, '3f75e34e51d8d074902b39280929fb0e661b5cc16695ca2d893cfe2cbebd0d7b', 1767243600005);
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
SELECT pg_catalog.setval('drizzle.__drizzle_migrations_id_seq', 6, true);
ALTER TABLE ONLY drizzle.__drizzle_migrations
    ADD CONSTRAINT __drizzle_migrations_pkey PRIMARY KEY (id);
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
