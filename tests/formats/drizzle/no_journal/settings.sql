SELECT migrate_config('format', 'drizzle');
