CREATE FUNCTION public.trim_name() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
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
CREATE SEQUENCE public.customer_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.customer_id_seq OWNED BY public.customer.id;
ALTER TABLE ONLY public.customer ALTER COLUMN id SET DEFAULT nextval('public.customer_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('6a0c00000006');
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
SELECT pg_catalog.setval('public.customer_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
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
