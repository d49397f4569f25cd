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
CREATE TABLE public.pgmigrations (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    run_on timestamp without time zone NOT NULL
);
CREATE SEQUENCE public.pgmigrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.pgmigrations_id_seq OWNED BY public.pgmigrations.id;
CREATE TABLE public.purchase (
    id integer NOT NULL,
    customer integer NOT NULL,
    item integer NOT NULL
);
ALTER TABLE ONLY public.pgmigrations ALTER COLUMN id SET DEFAULT nextval('public.pgmigrations_id_seq'::regclass);
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
INSERT INTO public.pgmigrations VALUES (1, '1767312000000_customers', '2026-11-21 16:00:11.452615');
INSERT INTO public.pgmigrations VALUES (2, '1767398400000_items', '2026-11-21 16:00:11.452615');
INSERT INTO public.pgmigrations VALUES (3, '1767484800000_purchases', '2026-11-21 16:00:11.452615');
SELECT pg_catalog.setval('public.pgmigrations_id_seq', 3, true);
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_label_key UNIQUE (label);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pgmigrations
    ADD CONSTRAINT pgmigrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_pkey PRIMARY KEY (id);
CREATE INDEX purchase_by_customer ON public.purchase USING btree (customer);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_customer_fkey FOREIGN KEY (customer) REFERENCES public.customer(id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_item_fkey FOREIGN KEY (item) REFERENCES public.item(id);
