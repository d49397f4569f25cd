const up = [
    `CREATE TABLE purchase (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customer,
    item integer NOT NULL REFERENCES item
)`,
    `CREATE INDEX purchase_by_customer ON purchase (customer)`,
];

const down = [
    `DROP TABLE purchase`,
];

const run = (steps) => async (knex) => {
    for (const step of steps) await knex.raw(step);
};

exports.up = run(up);
exports.down = run(down);
