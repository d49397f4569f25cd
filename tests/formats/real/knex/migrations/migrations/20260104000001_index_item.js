const up = [
    `CREATE INDEX item_by_price ON item (price)`,
];

const down = [
    `DROP INDEX item_by_price`,
];

const run = (steps) => async (knex) => {
    for (const step of steps) await knex.raw(step);
};

exports.up = run(up);
exports.down = run(down);
