SELECT migrate_config('format', 'sqlx');
