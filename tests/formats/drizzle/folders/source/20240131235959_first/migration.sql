CREATE TABLE first (id integer)
--> statement-breakpoint
CREATE INDEX first_id ON first (id);
