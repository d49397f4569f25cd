const up = [
    `CREATE FUNCTION trim_name() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$`,
    `CREATE TRIGGER trim_name BEFORE INSERT ON customer
FOR EACH ROW EXECUTE FUNCTION trim_name()`,
];

const down = [
    `DROP TRIGGER trim_name ON customer`,
    `DROP FUNCTION trim_name()`,
];

const run = (steps) => async (knex) => {
    for (const step of steps) await knex.raw(step);
};

exports.up = run(up);
exports.down = run(down);
