-- One line at start-up brings the database up to date.
SELECT migrate_up('sql/examples/shop');

-- What is there?
SELECT version, name, state, reversible FROM migrate_status();
SELECT * FROM turnover;

-- What happened?
SELECT seq, action, version, name, outcome FROM migrate_history();

-- Two steps back, from the texts that are kept in the database.
SELECT migrate_rollback('-2');
SELECT migrate_current(), migrate_pending();

-- What would the way forward run?
SELECT step, version, line, substr(sql, 1, 48) AS sql FROM migrate_plan();

-- Forward again.
SELECT migrate_apply();
SELECT migrate_current(), migrate_pending();
