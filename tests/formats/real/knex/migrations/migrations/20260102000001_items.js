const up = [
    `CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
)`,
    `INSERT INTO item VALUES (1, 'a label with ; and ''quotes''', 100)`,
];

const down = [
    `DROP TABLE item`,
];

const run = (steps) => async (knex) => {
    for (const step of steps) await knex.raw(step);
};

exports.up = run(up);
exports.down = run(down);
