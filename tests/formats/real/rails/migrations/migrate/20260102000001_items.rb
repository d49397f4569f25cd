class Items < ActiveRecord::Migration[6.1]
  def up
    execute <<~SQL
      CREATE TABLE item (
          id integer PRIMARY KEY,
          label text NOT NULL UNIQUE,
          price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
      )
    SQL
    execute <<~SQL
      INSERT INTO item VALUES (1, 'a label with ; and ''quotes''', 100)
    SQL
  end

  def down
    execute <<~SQL
      DROP TABLE item
    SQL
  end
end
