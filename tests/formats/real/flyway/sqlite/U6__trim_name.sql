DROP TRIGGER trim_name;
