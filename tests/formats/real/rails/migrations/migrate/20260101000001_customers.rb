class Customers < ActiveRecord::Migration[6.1]
  def up
    execute <<~SQL
      CREATE TABLE customer (
          id integer PRIMARY KEY,
          name text NOT NULL
      )
    SQL
  end

  def down
    execute <<~SQL
      DROP TABLE customer
    SQL
  end
end
