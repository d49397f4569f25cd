SELECT migrate_config('format', 'supabase');
