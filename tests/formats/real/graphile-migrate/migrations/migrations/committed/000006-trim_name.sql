--! Previous: sha1:696dd2690fb9fe5a1a8f754bc1e16143b900b0d0
--! Hash: sha1:eff429cf98e20050caac53d6f515402146505502
--! Message: trim_name

CREATE FUNCTION trim_name() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$;
CREATE TRIGGER trim_name BEFORE INSERT ON customer
FOR EACH ROW EXECUTE FUNCTION trim_name();
