--- down MIGRATION: back
DROP TABLE u;
  -- - - Up   migration ---
CREATE TABLE u (id int);
