# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# Prisma 6, from npm, with the schema engine that is in the package: the one of
# machine code is downloaded from elsewhere. Forward alone.

tables=(_prisma_migrations)
back=

obtain() {
    npm_install prisma 'test -e node_modules/prisma/build/schema_engine_bg.wasm \
        -a -d node_modules/@prisma/adapter-pg' --ignore-scripts prisma@6.19 \
        @prisma/adapter-pg@7 @prisma/adapter-better-sqlite3@6.19 || return 1
    [[ $engine == postgresql ]] || npm_sqlite prisma
}

keep_first() { rm -r "$directory"/2026010[4-9]*; }

apply() {
    local folder=$build/npm/prisma to=$url adapter=PrismaPg package=adapter-pg
    local argument=connectionString

    if [[ $engine == sqlite ]]; then
        to=file:$file
        adapter=PrismaBetterSQLite3
        package="adapter-better-sqlite3"
        argument=url
    fi
    printf 'datasource db {\n  provider = "%s"\n  url = "%s"\n}\n' \
        "$engine" "$to" >"$folder/schema.prisma"
    cat >"$folder/prisma.config.mjs" <<END
import { $adapter } from "@prisma/$package";
// The engine of machine code sends a file as it is; this adapter divides it at
// each semicolon, also within quotes.
class Whole extends $adapter {
    async connect() {
        const connection = await super.connect();
        if (connection.provider === "postgres")
            connection.executeScript = async (script) => {
                await connection.client.query(script);
            };
        return connection;
    }
}
export default {
    experimental: { adapter: true },
    engine: "js",
    schema: "schema.prisma",
    migrations: { path: "$directory" },
    adapter: async () => new Whole({ $argument: "$to" }),
};
END
    # Files that are named are not downloaded; these two are not used.
    touch "$folder/unused"
    (cd "$folder" && PRISMA_QUERY_ENGINE_LIBRARY=$folder/unused \
        PRISMA_SCHEMA_ENGINE_BINARY=$folder/unused PRISMA_HIDE_UPDATE_MESSAGE=1 CHECKPOINT_DISABLE=1 \
        node_modules/.bin/prisma migrate deploy --config prisma.config.mjs)
}
