DROP TABLE ${tableName};
