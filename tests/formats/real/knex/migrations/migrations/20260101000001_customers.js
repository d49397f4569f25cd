const up = [
    `CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
)`,
];

const down = [
    `DROP TABLE customer`,
];

const run = (steps) => async (knex) => {
    for (const step of steps) await knex.raw(step);
};

exports.up = run(up);
exports.down = run(down);
