-- migrate:requires 2
-- migrate:env production, staging
-- migrate:up transaction:false
CREATE TABLE one (id integer);
-- migrate:down
DROP TABLE one;
-- migrate:verify
SELECT count(*) >= 0 FROM one;
