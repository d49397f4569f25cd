INSERT INTO first_table VALUES (1);
