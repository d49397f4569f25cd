# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# Drizzle's own migrator (drizzle-orm), from npm. Forward alone.

times=
tables=(__drizzle_migrations 'drizzle.*')
back=

obtain() {
    npm_install drizzle 'test -d node_modules/drizzle-orm -a -d node_modules/pg' \
        drizzle-orm pg || return 1
    [[ $engine == postgresql ]] || npm_sqlite drizzle
}

# The journal decides what there is.
keep_first() {
    node -e 'const fs = require("fs"), file = process.argv[1];
        const journal = JSON.parse(fs.readFileSync(file));
        journal.entries = journal.entries.slice(0, 3);
        fs.writeFileSync(file, JSON.stringify(journal));' \
        "$directory/meta/_journal.json"
}

apply() {
    local script=$build/npm/drizzle/apply.mjs

    if [[ $engine == sqlite ]]; then
        cat >"$script" <<'END'
import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
const [place, migrationsFolder] = process.argv.slice(2);
migrate(drizzle(new Database(place)), { migrationsFolder });
END
        node "$script" "$file" "$directory"
    else
        cat >"$script" <<'END'
import pg from "pg";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
const [url, migrationsFolder] = process.argv.slice(2);
const client = new pg.Client({ connectionString: url });
await client.connect();
await migrate(drizzle(client), { migrationsFolder });
await client.end();
END
        node "$script" "${url%\?*}" "$directory"
    fi
}
