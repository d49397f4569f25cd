class TrimName < ActiveRecord::Migration[6.1]
  def up
    execute <<~SQL
      CREATE TRIGGER trim_name AFTER INSERT ON customer
      BEGIN
          UPDATE customer SET name = trim(new.name) WHERE id = new.id;
          SELECT 'a ; in a body';
      END
    SQL
  end

  def down
    execute <<~SQL
      DROP TRIGGER trim_name
    SQL
  end
end
