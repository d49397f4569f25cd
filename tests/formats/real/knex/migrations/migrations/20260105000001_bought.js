const up = [
    `CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item`,
];

const down = [
    `DROP VIEW bought`,
];

const run = (steps) => async (knex) => {
    for (const step of steps) await knex.raw(step);
};

exports.up = run(up);
exports.down = run(down);
