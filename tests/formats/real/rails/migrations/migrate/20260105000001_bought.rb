class Bought < ActiveRecord::Migration[6.1]
  def up
    execute <<~SQL
      CREATE VIEW bought AS
      SELECT c.name, i.label
      FROM purchase AS p
      JOIN customer AS c ON c.id = p.customer
      JOIN item AS i ON i.id = p.item
    SQL
  end

  def down
    execute <<~SQL
      DROP VIEW bought
    SQL
  end
end
