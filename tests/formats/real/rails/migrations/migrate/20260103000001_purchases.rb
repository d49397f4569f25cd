class Purchases < ActiveRecord::Migration[6.1]
  def up
    execute <<~SQL
      CREATE TABLE purchase (
          id integer PRIMARY KEY,
          customer integer NOT NULL REFERENCES customer,
          item integer NOT NULL REFERENCES item
      )
    SQL
    execute <<~SQL
      CREATE INDEX purchase_by_customer ON purchase (customer)
    SQL
  end

  def down
    execute <<~SQL
      DROP TABLE purchase
    SQL
  end
end
