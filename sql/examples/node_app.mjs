// An application that brings its own database up to date when it starts.
//
//     node node_app.mjs build/migrate.so app.db migrations
//
// With better-sqlite3 where it is installed, else with node's own node:sqlite
// (from node 22.13 on).  The calls are the same.

import process from "node:process";

// A connection with the extension.
async function connect(extension, path) {
  try {
    const { default: Database } = await import("better-sqlite3");
    const db = new Database(path);
    db.loadExtension(extension);
    return db;
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  }
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(path, { allowExtension: true });
  db.loadExtension(extension);
  db.enableLoadExtension(false); // nobody else may load another
  return db;
}

const [extension, path, folder] = process.argv.slice(2);
const db = await connect(extension, path);
try {
  // The one line.  Safe when many start at once.
  const { count } = db.prepare("SELECT migrate_up(?) AS count").get(folder);
  const { version } = db.prepare("SELECT migrate_current() AS version").get();
  console.log(`${count} migrations applied, now at ${version}`);
} catch (error) {
  console.error(`${path} cannot be brought up to date: ${error.message} ` +
                `(${error.code})`);
  process.exitCode = 1;
}
// ... the application goes on with db.
db.close();
