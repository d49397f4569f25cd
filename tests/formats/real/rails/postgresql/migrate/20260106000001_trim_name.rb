class TrimName < ActiveRecord::Migration[6.1]
  def up
    execute <<~SQL
      CREATE FUNCTION trim_name() RETURNS trigger
      LANGUAGE plpgsql AS $$
      BEGIN
          new.name := trim(new.name);
          RETURN new; -- a ; in a body
      END;
      $$
    SQL
    execute <<~SQL
      CREATE TRIGGER trim_name BEFORE INSERT ON customer
      FOR EACH ROW EXECUTE FUNCTION trim_name()
    SQL
  end

  def down
    execute <<~SQL
      DROP TRIGGER trim_name ON customer
    SQL
    execute <<~SQL
      DROP FUNCTION trim_name()
    SQL
  end
end
