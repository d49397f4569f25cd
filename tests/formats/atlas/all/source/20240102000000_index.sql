-- A note.
-- atlas:txmode none

CREATE INDEX first_id ON first (id);
