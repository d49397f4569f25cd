DROP INDEX first_index;
