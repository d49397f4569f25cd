-- atlas:txmode file
-- atlas:nolint destructive

-- Create "first" table
CREATE TABLE first (id integer); -- ${not} a variable
