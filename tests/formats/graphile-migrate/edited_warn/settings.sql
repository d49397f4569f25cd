SELECT migrate_config('on_bad_sum', 'warn');
