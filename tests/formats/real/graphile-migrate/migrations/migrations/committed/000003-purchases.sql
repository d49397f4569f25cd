--! Previous: sha1:0007bfa5bd22f6f543aa5d399b74afa6f9e37c92
--! Hash: sha1:73a56804453e0a604ba08680ed10502b40465c25
--! Message: purchases

CREATE TABLE purchase (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customer,
    item integer NOT NULL REFERENCES item
);
CREATE INDEX purchase_by_customer ON purchase (customer);
