SELECT migrate_config('format', 'flyway');
