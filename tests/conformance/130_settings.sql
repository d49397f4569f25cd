-- Settings: read, stored, put back, refused.
SELECT migrate_config('out_of_order');
SELECT migrate_config('out_of_order', 'warn');
SELECT migrate_config('out_of_order');
SELECT migrate_config('out_of_order', 'never');
SELECT migrate_config('out_of_order', '');
SELECT migrate_config('out_of_order');
SELECT migrate_config('out_of_order', NULL);
SELECT migrate_config('on_changed', 'allow');
SELECT migrate_config('on_changed', 'warn');

-- Durations.
SELECT migrate_config('wait_timeout');
SELECT migrate_config('wait_timeout', '250ms');
SELECT migrate_config('wait_timeout', '5 s');
SELECT migrate_config('wait_timeout', '2h');
SELECT migrate_config('wait_timeout', '0');
SELECT migrate_config('wait_timeout', '1500');
SELECT migrate_config('wait_timeout', 'soon');
SELECT migrate_config('wait_timeout', '-1s');
SELECT migrate_config('wait_timeout', '5 weeks');
SELECT migrate_config('wait_timeout', '1.5s');
SELECT migrate_config('wait_timeout', '99999999999s');
SELECT migrate_config('wait_timeout', '');
SELECT migrate_config('wait_timeout');

-- What does not exist.
SELECT migrate_config('no_such');
SELECT migrate_config('no_such', 'x');
SELECT migrate_config('');
SELECT migrate_config('var.');
SELECT migrate_config('var.1x', 'x');
SELECT migrate_config('var.a b', 'x');
SELECT migrate_config('catalogue_layout');
SELECT migrate_config('catalogue_layout', '9');
SELECT migrate_config('project', '');
SELECT migrate_config('environment', '');

-- Variables.
SELECT migrate_config('var.owner');
SELECT migrate_config('var.owner', 'o''neil');
SELECT migrate_config('var.owner');
SELECT migrate_config('var.empty', '');
SELECT migrate_config('var.lines', 'a
b');

SELECT name, value, default_value, source FROM migrate_settings()
WHERE name IN ('out_of_order', 'on_changed', 'wait_timeout', 'environment',
               'project', 'source', 'var.owner', 'var.empty') ORDER BY name;
SELECT count(*) FROM migrate_settings() WHERE description IS NULL;
SELECT migrate_config('var.owner', NULL);
SELECT migrate_config('var.owner');
SELECT count(*) FROM migrate_settings() WHERE name = 'var.owner';
-- Only what was done is in the history; values are not.
SELECT name, count(*) FROM migrate_history() WHERE action = 'config'
GROUP BY name ORDER BY name;
SELECT count(*) FROM migrate_history() WHERE detail LIKE '%neil%';
