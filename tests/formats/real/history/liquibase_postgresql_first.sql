CREATE TABLE public.customer (
    id integer NOT NULL,
    name text NOT NULL
);
CREATE TABLE public.databasechangelog (
    id character varying(255) NOT NULL,
    author character varying(255) NOT NULL,
    filename character varying(255) NOT NULL,
    dateexecuted timestamp without time zone NOT NULL,
    orderexecuted integer NOT NULL,
    exectype character varying(10) NOT NULL,
    md5sum character varying(35),
    description character varying(255),
    comments character varying(255),
    tag character varying(255),
    liquibase character varying(20),
    contexts character varying(255),
    labels character varying(255),
    deployment_id character varying(10)
);
CREATE TABLE public.databasechangeloglock (
    id integer NOT NULL,
    locked boolean NOT NULL,
    lockgranted timestamp without time zone,
    lockedby character varying(255)
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
INSERT INTO public.databasechangelog VALUES ('customers', 'shop', 'changelog.sql', '2026-11-21 17:22:10.63127', 1, 'EXECUTED', '8:1d8ae977ed2941f25a61593b6894963c', 'sql', 'customers of a shop', NULL, '4.4.0', NULL, NULL, '5281729761');
INSERT INTO public.databasechangelog VALUES ('items', 'shop', 'changelog.sql', '2026-11-21 17:22:10.885299', 2, 'EXECUTED', '8:cf038d1a4281963cf1f6773f27ef5746', 'sql', 'items of a shop', NULL, '4.4.0', NULL, NULL, '5281729761');
INSERT INTO public.databasechangelog VALUES ('purchases', 'shop', 'changelog.sql', '2026-11-21 17:22:10.971097', 3, 'EXECUTED', '8:866ad37b7df1af4de2940e2a2597d659', 'sql', 'purchases of a shop', NULL, '4.4.0', NULL, NULL, '5281729761');
INSERT INTO public.databasechangeloglock VALUES (1, false, NULL, NULL);
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.databasechangeloglock
    ADD CONSTRAINT databasechangeloglock_pkey PRIMARY KEY (id);
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
