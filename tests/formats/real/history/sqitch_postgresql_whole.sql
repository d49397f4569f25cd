CREATE SCHEMA sqitch;
COMMENT ON SCHEMA sqitch IS 'Sqitch database deployment metadata v1.1.';
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
    i.label,
    i.price
   FROM ((public.purchase p
     JOIN public.customer c ON ((c.id = p.customer)))
     JOIN public.item i ON ((i.id = p.item)));
CREATE TABLE sqitch.changes (
    change_id text NOT NULL,
    script_hash text,
    change text NOT NULL,
    project text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    committer_name text NOT NULL,
    committer_email text NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    planner_name text NOT NULL,
    planner_email text NOT NULL
);
COMMENT ON TABLE sqitch.changes IS 'Tracks the changes currently deployed to the database.';
COMMENT ON COLUMN sqitch.changes.change_id IS 'Change primary key.';
COMMENT ON COLUMN sqitch.changes.script_hash IS 'Deploy script SHA-1 hash.';
COMMENT ON COLUMN sqitch.changes.change IS 'Name of a deployed change.';
COMMENT ON COLUMN sqitch.changes.project IS 'Name of the Sqitch project to which the change belongs.';
COMMENT ON COLUMN sqitch.changes.note IS 'Description of the change.';
COMMENT ON COLUMN sqitch.changes.committed_at IS 'Date the change was deployed.';
COMMENT ON COLUMN sqitch.changes.committer_name IS 'Name of the user who deployed the change.';
COMMENT ON COLUMN sqitch.changes.committer_email IS 'Email address of the user who deployed the change.';
COMMENT ON COLUMN sqitch.changes.planned_at IS 'Date the change was added to the plan.';
COMMENT ON COLUMN sqitch.changes.planner_name IS 'Name of the user who planed the change.';
COMMENT ON COLUMN sqitch.changes.planner_email IS 'Email address of the user who planned the change.';
CREATE TABLE sqitch.dependencies (
    change_id text NOT NULL,
    type text NOT NULL,
    dependency text NOT NULL,
    dependency_id text,
    CONSTRAINT dependencies_check CHECK ((((type = 'require'::text) AND (dependency_id IS NOT NULL)) OR ((type = 'conflict'::text) AND (dependency_id IS NULL))))
);
COMMENT ON TABLE sqitch.dependencies IS 'Tracks the currently satisfied dependencies.';
COMMENT ON COLUMN sqitch.dependencies.change_id IS 'ID of the depending change.';
COMMENT ON COLUMN sqitch.dependencies.type IS 'Type of dependency.';
COMMENT ON COLUMN sqitch.dependencies.dependency IS 'Dependency name.';
COMMENT ON COLUMN sqitch.dependencies.dependency_id IS 'Change ID the dependency resolves to.';
CREATE TABLE sqitch.events (
    event text NOT NULL,
    change_id text NOT NULL,
    change text NOT NULL,
    project text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    requires text[] DEFAULT '{}'::text[] NOT NULL,
    conflicts text[] DEFAULT '{}'::text[] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    committer_name text NOT NULL,
    committer_email text NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    planner_name text NOT NULL,
    planner_email text NOT NULL,
    CONSTRAINT events_event_check CHECK ((event = ANY (ARRAY['deploy'::text, 'revert'::text, 'fail'::text, 'merge'::text])))
);
COMMENT ON TABLE sqitch.events IS 'Contains full history of all deployment events.';
COMMENT ON COLUMN sqitch.events.event IS 'Type of event.';
COMMENT ON COLUMN sqitch.events.change_id IS 'Change ID.';
COMMENT ON COLUMN sqitch.events.change IS 'Change name.';
COMMENT ON COLUMN sqitch.events.project IS 'Name of the Sqitch project to which the change belongs.';
COMMENT ON COLUMN sqitch.events.note IS 'Description of the change.';
COMMENT ON COLUMN sqitch.events.requires IS 'Array of the names of required changes.';
COMMENT ON COLUMN sqitch.events.conflicts IS 'Array of the names of conflicting changes.';
COMMENT ON COLUMN sqitch.events.tags IS 'Tags associated with the change.';
COMMENT ON COLUMN sqitch.events.committed_at IS 'Date the event was committed.';
COMMENT ON COLUMN sqitch.events.committer_name IS 'Name of the user who committed the event.';
COMMENT ON COLUMN sqitch.events.committer_email IS 'Email address of the user who committed the event.';
COMMENT ON COLUMN sqitch.events.planned_at IS 'Date the event was added to the plan.';
COMMENT ON COLUMN sqitch.events.planner_name IS 'Name of the user who planed the change.';
COMMENT ON COLUMN sqitch.events.planner_email IS 'Email address of the user who plan planned the change.';
CREATE TABLE sqitch.projects (
    project text NOT NULL,
    uri text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    creator_name text NOT NULL,
    creator_email text NOT NULL
);
COMMENT ON TABLE sqitch.projects IS 'Sqitch projects deployed to this database.';
COMMENT ON COLUMN sqitch.projects.project IS 'Unique Name of a project.';
COMMENT ON COLUMN sqitch.projects.uri IS 'Optional project URI';
COMMENT ON COLUMN sqitch.projects.created_at IS 'Date the project was added to the database.';
COMMENT ON COLUMN sqitch.projects.creator_name IS 'Name of the user who added the project.';
COMMENT ON COLUMN sqitch.projects.creator_email IS 'Email address of the user who added the project.';
CREATE TABLE sqitch.releases (
    version real NOT NULL,
    installed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    installer_name text NOT NULL,
    installer_email text NOT NULL
);
COMMENT ON TABLE sqitch.releases IS 'Sqitch registry releases.';
COMMENT ON COLUMN sqitch.releases.version IS 'Version of the Sqitch registry.';
COMMENT ON COLUMN sqitch.releases.installed_at IS 'Date the registry release was installed.';
COMMENT ON COLUMN sqitch.releases.installer_name IS 'Name of the user who installed the registry release.';
COMMENT ON COLUMN sqitch.releases.installer_email IS 'Email address of the user who installed the registry release.';
CREATE TABLE sqitch.tags (
    tag_id text NOT NULL,
    tag text NOT NULL,
    project text NOT NULL,
    change_id text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    committer_name text NOT NULL,
    committer_email text NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    planner_name text NOT NULL,
    planner_email text NOT NULL
);
COMMENT ON TABLE sqitch.tags IS 'Tracks the tags currently applied to the database.';
COMMENT ON COLUMN sqitch.tags.tag_id IS 'Tag primary key.';
COMMENT ON COLUMN sqitch.tags.tag IS 'Project-unique tag name.';
COMMENT ON COLUMN sqitch.tags.project IS 'Name of the Sqitch project to which the tag belongs.';
COMMENT ON COLUMN sqitch.tags.change_id IS 'ID of last change deployed before the tag was applied.';
COMMENT ON COLUMN sqitch.tags.note IS 'Description of the tag.';
COMMENT ON COLUMN sqitch.tags.committed_at IS 'Date the tag was applied to the database.';
COMMENT ON COLUMN sqitch.tags.committer_name IS 'Name of the user who applied the tag.';
COMMENT ON COLUMN sqitch.tags.committer_email IS 'Email address of the user who applied the tag.';
COMMENT ON COLUMN sqitch.tags.planned_at IS 'Date the tag was added to the plan.';
COMMENT ON COLUMN sqitch.tags.planner_name IS 'Name of the user who planed the tag.';
COMMENT ON COLUMN sqitch.tags.planner_email IS 'Email address of the user who planned the tag.';
INSERT INTO public.item VALUES (1, 'a label with ; and ''quotes''', 100);
INSERT INTO sqitch.changes VALUES ('b40da5b1b8f4993fddcb93f6528ecd26e82c8883', 'da91a2adfb802b0d311a2190ca1f68ecb1150afd', 'customers', 'shop', 'customers of a shop', '2026-11-21 16:00:38.415364+00', 'Bob Deployer', 'bob@example.org', '2026-01-01 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.changes VALUES ('99df35c49afbd6dc73c6abcd93bc307462d4927c', 'b5bffa1f72f1d2f63353f13e1f100747f8ef2694', 'items', 'shop', 'items of a shop', '2026-11-21 16:00:38.510542+00', 'Bob Deployer', 'bob@example.org', '2026-01-02 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.changes VALUES ('07841cec08db11f6899a8ec30e3b9d3271fbce1c', '6db31fd71e289ba02a810c08d32b50b7445384a7', 'purchases', 'shop', 'purchases of a shop', '2026-11-21 16:00:38.588704+00', 'Bob Deployer', 'bob@example.org', '2026-01-03 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.changes VALUES ('da3207f1de3a98d6e0d6360422b8bb0695407de6', '9baa216d67873ed79c94dd7ac46209e2270d51d9', 'index_item', 'shop', 'index_item of a shop', '2026-11-21 16:00:38.655446+00', 'Bob Deployer', 'bob@example.org', '2026-01-04 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.changes VALUES ('ce4629c8b71311294d4ce9745e2ba59baafbd0c0', '72758b17a2a3389c4ff982c8616d3c4d8ab460d6', 'bought', 'shop', 'bought of a shop', '2026-11-21 16:00:38.725658+00', 'Bob Deployer', 'bob@example.org', '2026-01-05 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.changes VALUES ('1e3f6a3f551a3d62877af92a6ec679dd395d986f', '78b01581cc1a828344715e0bab9bb0a88165306f', 'trim_name', 'shop', 'trim_name of a shop', '2026-11-21 16:00:38.797077+00', 'Bob Deployer', 'bob@example.org', '2026-01-06 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.changes VALUES ('d22b70798daf84600d588f183a51e39288eb3fda', 'feaffe4633d98d3a2c65a262847684bb3e23b104', 'bought', 'shop', 'the price too', '2026-11-21 16:00:38.86864+00', 'Bob Deployer', 'bob@example.org', '2026-01-07 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.dependencies VALUES ('07841cec08db11f6899a8ec30e3b9d3271fbce1c', 'require', 'customers', 'b40da5b1b8f4993fddcb93f6528ecd26e82c8883');
INSERT INTO sqitch.dependencies VALUES ('07841cec08db11f6899a8ec30e3b9d3271fbce1c', 'require', 'items', '99df35c49afbd6dc73c6abcd93bc307462d4927c');
INSERT INTO sqitch.dependencies VALUES ('da3207f1de3a98d6e0d6360422b8bb0695407de6', 'require', 'items', '99df35c49afbd6dc73c6abcd93bc307462d4927c');
INSERT INTO sqitch.dependencies VALUES ('ce4629c8b71311294d4ce9745e2ba59baafbd0c0', 'require', 'purchases', '07841cec08db11f6899a8ec30e3b9d3271fbce1c');
INSERT INTO sqitch.dependencies VALUES ('1e3f6a3f551a3d62877af92a6ec679dd395d986f', 'require', 'customers', 'b40da5b1b8f4993fddcb93f6528ecd26e82c8883');
INSERT INTO sqitch.dependencies VALUES ('d22b70798daf84600d588f183a51e39288eb3fda', 'require', 'bought@v1.0', 'ce4629c8b71311294d4ce9745e2ba59baafbd0c0');
INSERT INTO sqitch.events VALUES ('deploy', 'b40da5b1b8f4993fddcb93f6528ecd26e82c8883', 'customers', 'shop', 'customers of a shop', '{}', '{}', '{}', '2026-11-21 16:00:38.416681+00', 'Bob Deployer', 'bob@example.org', '2026-01-01 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.events VALUES ('deploy', '99df35c49afbd6dc73c6abcd93bc307462d4927c', 'items', 'shop', 'items of a shop', '{}', '{}', '{}', '2026-11-21 16:00:38.519314+00', 'Bob Deployer', 'bob@example.org', '2026-01-02 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.events VALUES ('deploy', '07841cec08db11f6899a8ec30e3b9d3271fbce1c', 'purchases', 'shop', 'purchases of a shop', '{customers,items}', '{}', '{}', '2026-11-21 16:00:38.592542+00', 'Bob Deployer', 'bob@example.org', '2026-01-03 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.events VALUES ('deploy', 'da3207f1de3a98d6e0d6360422b8bb0695407de6', 'index_item', 'shop', 'index_item of a shop', '{items}', '{}', '{}', '2026-11-21 16:00:38.660132+00', 'Bob Deployer', 'bob@example.org', '2026-01-04 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.events VALUES ('deploy', 'ce4629c8b71311294d4ce9745e2ba59baafbd0c0', 'bought', 'shop', 'bought of a shop', '{purchases}', '{}', '{@v1.0}', '2026-11-21 16:00:38.735312+00', 'Bob Deployer', 'bob@example.org', '2026-01-05 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.events VALUES ('deploy', '1e3f6a3f551a3d62877af92a6ec679dd395d986f', 'trim_name', 'shop', 'trim_name of a shop', '{customers}', '{}', '{}', '2026-11-21 16:00:38.800286+00', 'Bob Deployer', 'bob@example.org', '2026-01-06 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.events VALUES ('deploy', 'd22b70798daf84600d588f183a51e39288eb3fda', 'bought', 'shop', 'the price too', '{bought@v1.0}', '{}', '{}', '2026-11-21 16:00:38.871801+00', 'Bob Deployer', 'bob@example.org', '2026-01-07 00:00:01+00', 'Ada Planner', 'ada@example.org');
INSERT INTO sqitch.projects VALUES ('shop', 'https://example.org/shop/', '2026-11-21 16:00:38.313674+00', 'Bob Deployer', 'bob@example.org');
INSERT INTO sqitch.releases VALUES (1.1, '2026-11-21 16:00:38.31182+00', 'Bob Deployer', 'bob@example.org');
INSERT INTO sqitch.tags VALUES ('4a75bb2f940a06cb768e4554f3614e5467315e71', '@v1.0', 'shop', 'ce4629c8b71311294d4ce9745e2ba59baafbd0c0', 'the first release', '2026-11-21 16:00:38.73401+00', 'Bob Deployer', 'bob@example.org', '2026-01-05 12:00:00+00', 'Ada Planner', 'ada@example.org');
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_label_key UNIQUE (label);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sqitch.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (change_id);
ALTER TABLE ONLY sqitch.changes
    ADD CONSTRAINT changes_project_script_hash_key UNIQUE (project, script_hash);
ALTER TABLE ONLY sqitch.dependencies
    ADD CONSTRAINT dependencies_pkey PRIMARY KEY (change_id, dependency);
ALTER TABLE ONLY sqitch.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (change_id, committed_at);
ALTER TABLE ONLY sqitch.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (project);
ALTER TABLE ONLY sqitch.projects
    ADD CONSTRAINT projects_uri_key UNIQUE (uri);
ALTER TABLE ONLY sqitch.releases
    ADD CONSTRAINT releases_pkey PRIMARY KEY (version);
ALTER TABLE ONLY sqitch.tags
    ADD CONSTRAINT tags_pkey PRIMARY KEY (tag_id);
ALTER TABLE ONLY sqitch.tags
    ADD CONSTRAINT tags_project_tag_key UNIQUE (project, tag);
CREATE INDEX item_by_price ON public.item USING btree (price);
CREATE INDEX purchase_by_customer ON public.purchase USING btree (customer);
CREATE TRIGGER trim_name BEFORE INSERT ON public.customer FOR EACH ROW EXECUTE FUNCTION public.trim_name();
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_customer_fkey FOREIGN KEY (customer) REFERENCES public.customer(id);
ALTER TABLE ONLY public.purchase
    ADD CONSTRAINT purchase_item_fkey FOREIGN KEY (item) REFERENCES public.item(id);
ALTER TABLE ONLY sqitch.changes
    ADD CONSTRAINT changes_project_fkey FOREIGN KEY (project) REFERENCES sqitch.projects(project) ON UPDATE CASCADE;
ALTER TABLE ONLY sqitch.dependencies
    ADD CONSTRAINT dependencies_change_id_fkey FOREIGN KEY (change_id) REFERENCES sqitch.changes(change_id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE ONLY sqitch.dependencies
    ADD CONSTRAINT dependencies_dependency_id_fkey FOREIGN KEY (dependency_id) REFERENCES sqitch.changes(change_id) ON UPDATE CASCADE;
ALTER TABLE ONLY sqitch.events
    ADD CONSTRAINT events_project_fkey FOREIGN KEY (project) REFERENCES sqitch.projects(project) ON UPDATE CASCADE;
ALTER TABLE ONLY sqitch.tags
    ADD CONSTRAINT tags_change_id_fkey FOREIGN KEY (change_id) REFERENCES sqitch.changes(change_id) ON UPDATE CASCADE;
ALTER TABLE ONLY sqitch.tags
    ADD CONSTRAINT tags_project_fkey FOREIGN KEY (project) REFERENCES sqitch.projects(project) ON UPDATE CASCADE;
