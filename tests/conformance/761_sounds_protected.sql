-- An environment that sounds like one in use, and is not protected.
SELECT migrate_config('environment', 'prod');
SELECT state, detail FROM migrate_preflight() WHERE name = 'confirmation';
SELECT hint FROM migrate_preflight() WHERE name = 'confirmation';
SELECT migrate_config('environment', 'EU-Live2');
SELECT state, detail FROM migrate_preflight() WHERE name = 'confirmation';
SELECT migrate_config('environment', 'it''s prd');
SELECT hint FROM migrate_preflight() WHERE name = 'confirmation';
-- Others do not, and nothing is said once the list was set.
SELECT migrate_config('environment', 'products');
SELECT state, detail FROM migrate_preflight() WHERE name = 'confirmation';
SELECT migrate_config('environment', 'delivery');
SELECT state FROM migrate_preflight() WHERE name = 'confirmation';
SELECT migrate_config('environment', 'PRODUCTION');
SELECT state, detail FROM migrate_preflight() WHERE name = 'confirmation';
SELECT migrate_config('environment', 'prod');
SELECT migrate_config('protected_environments', 'production');
SELECT state, detail FROM migrate_preflight() WHERE name = 'confirmation';
SELECT migrate_config('protected_environments', 'production, prod');
SELECT state, detail FROM migrate_preflight() WHERE name = 'confirmation';
-- But where it was to hold the name, and does not.
SELECT migrate_config('protected_environments', 'staging;prod');
SELECT state, detail FROM migrate_preflight() WHERE name = 'confirmation';
SELECT hint FROM migrate_preflight() WHERE name = 'confirmation';
SELECT migrate_config('protected_environments', '"Prod"');
SELECT state FROM migrate_preflight() WHERE name = 'confirmation';
SELECT migrate_config('protected_environments', NULL);
SELECT migrate_config('environment', 'production,staging');
SELECT state FROM migrate_preflight() WHERE name = 'confirmation';
