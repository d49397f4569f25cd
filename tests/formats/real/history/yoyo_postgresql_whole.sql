CREATE FUNCTION public.trim_name() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$;
CREATE TABLE public._yoyo_log (
    id character varying(36) NOT NULL,
    migration_hash character varying(64),
    migration_id character varying(255),
    operation character varying(10),
    username character varying(255),
    hostname character varying(255),
    comment character varying(255),
    created_at_utc timestamp without time zone
);
CREATE TABLE public._yoyo_migration (
    migration_hash character varying(64) NOT NULL,
    migration_id character varying(255),
    applied_at_utc timestamp without time zone
);
CREATE TABLE public._yoyo_version (
    version integer NOT NULL,
    installed_at_utc timestamp without time zone
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
CREATE TABLE public.yoyo_lock (
    locked integer DEFAULT 1 NOT NULL,
    ctime timestamp without time zone,
    pid integer NOT NULL
);
INSERT INTO public._yoyo_log VALUES ('b69f96c0-e5c4-11f1-99e9-02fc00000001', '2a133fbb3ff19ec67ef74f76602a9832a5e82a71569b0909cf27f029003fc19d', '0001.customers', 'apply', 'root', 'localhost', NULL, '2026-11-21 16:00:46.548067');
INSERT INTO public._yoyo_log VALUES ('b6a133b8-e5c4-11f1-99e9-02fc00000001', 'c9bd4bdf74afd80bfc829dac5e30dd0c51f4d2ccdd801fea4918b6c3cd8628a5', '0002.items', 'apply', 'root', 'localhost', NULL, '2026-11-21 16:00:46.556581');
INSERT INTO public._yoyo_log VALUES ('b6a27480-e5c4-11f1-99e9-02fc00000001', '4e512626837b311690cc03990e61dbb2e3fef422c0ad5243ef79b7362128fd71', '0003.purchases', 'apply', 'root', 'localhost', NULL, '2026-11-21 16:00:46.564786');
INSERT INTO public._yoyo_log VALUES ('b6a3770e-e5c4-11f1-99e9-02fc00000001', '7a46f5f1fc30ca2726d4c68a64b3caa13b8b2d0f7c08ead2fc6ea58ab0ebc49b', '0004.index_item', 'apply', 'root', 'localhost', NULL, '2026-11-21 16:00:46.571405');
INSERT INTO public._yoyo_log VALUES ('b6a463d0-e5c4-11f1-99e9-02fc00000001', '8d289fecc1f400f039a67140cd7033cbdd30e247107c72cd55a393f10de2914b', '0005.bought', 'apply', 'root', 'localhost', NULL, '2026-11-21 16:00:46.577465');
INSERT INTO public._yoyo_log VALUES ('b6a578b0-e5c4-11f1-99e9-02fc00000001', '4dec9dfb07b76a7bdd5142cf18e8a6bb40bfca378192b7ef882eb42d8874d10f', '0006.trim_name', 'apply', 'root', 'localhost', NULL, '2026-11-21 16:00:46.584551');
INSERT INTO public._yoyo_migration VALUES ('2a133fbb3ff19ec67ef74f76602a9832a5e82a71569b0909cf27f029003fc19d', '0001.customers', '2026-11-21 16:00:46.550377');
INSERT INTO public._yoyo_migration VALUES ('c9bd4bdf74afd80bfc829dac5e30dd0c51f4d2ccdd801fea4918b6c3cd8628a5', '0002.items', '2026-11-21 16:00:46.556854');
INSERT INTO public._yoyo_migration VALUES ('4e512626837b311690cc03990e61dbb2e3fef422c0ad5243ef79b7362128fd71', '0003.purchases', '2026-11-21 16:00:46.567221');
INSERT INTO public._yoyo_migration VALUES ('7a46f5f1fc30ca2726d4c68a64b3caa13b8b2d0f7c08ead2fc6ea58ab0ebc49b', '0004.index_item', '2026-11-21 16:00:46.571635');
INSERT INTO public._yoyo_migration VALUES ('8d289fecc1f400f039a67140cd7033cbdd30e247107c72cd55a393f10de2914b', '0005.bought', '2026-11-21 16:00:46.577744');
INSERT INTO public._yoyo_migration VALUES ('4dec9dfb07b76a7bdd5142cf18e8a6bb40bfca378192b7ef882eb42d8874d10f', '0006.trim_name', '2026-11-21 16:00:46.584832');
INSERT INTO public._yoyo_version VALUES (2, '2026-11-21 16:00:46.536631');
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
ALTER TABLE ONLY public._yoyo_log
    ADD CONSTRAINT _yoyo_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public._yoyo_migration
    ADD CONSTRAINT _yoyo_migration_pkey PRIMARY KEY (migration_hash);
ALTER TABLE ONLY public._yoyo_version
    ADD CONSTRAINT _yoyo_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_label_key UNIQUE (label);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.yoyo_lock
    ADD CONSTRAINT yoyo_lock_pkey PRIMARY KEY (locked);
CREATE INDEX item_by_price ON public.item USING btree (price);
CREATE INDEX purchase_by_customer ON public.purchase USING btree (customer);
CREATE TRIGGER trim_name BEFORE INSERT ON public.customer FOR EACH ROW EXECUTE FUNCTION public.trim_name();
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_customer_fkey FOREIGN KEY (customer) REFERENCES public.customer(id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_item_fkey FOREIGN KEY (item) REFERENCES public.item(id);
