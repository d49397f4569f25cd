class IndexItem < ActiveRecord::Migration[6.1]
  def up
    execute <<~SQL
      CREATE INDEX item_by_price ON item (price)
    SQL
  end

  def down
    execute <<~SQL
      DROP INDEX item_by_price
    SQL
  end
end
