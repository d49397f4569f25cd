const up = [
    `CREATE TRIGGER trim_name AFTER INSERT ON customer
BEGIN
    UPDATE customer SET name = trim(new.name) WHERE id = new.id;
    SELECT 'a ; in a body';
END`,
];

const down = [
    `DROP TRIGGER trim_name`,
];

const run = (steps) => async (knex) => {
    for (const step of steps) await knex.raw(step);
};

exports.up = run(up);
exports.down = run(down);
