SELECT migrate_config('var.tableName', 't');
