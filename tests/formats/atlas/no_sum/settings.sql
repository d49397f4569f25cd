SELECT migrate_config('format', 'atlas');
