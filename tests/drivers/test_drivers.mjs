// The tests of run, which copies this beside the drivers.  Prints TAP.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const MIGRATE = process.env.MIGRATE;
const SHOP = path.join(process.env.EXAMPLES, "shop");
const drivers = [];
let number = 0;
let failed = 0;

function report(good, name, problem) {
  number++;
  failed += good ? 0 : 1;
  console.log(`${good ? "ok" : "not ok"} ${number} - ${name}`);
  if (problem) console.log(String(problem).replace(/^/gm, "# "));
}

function skip(name, reason) {
  number++;
  console.log(`ok ${number} - ${name} # SKIP ${reason}`);
}

// Run a test with a folder of its own.
function test(driver, name, body) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "migrate-drivers-"));
  try {
    body(driver, folder);
    report(true, `${driver.name}: ${name}`);
  } catch (error) {
    report(false, `${driver.name}: ${name}`, error.stack);
  }
  fs.rmSync(folder, { recursive: true });
}

function one(db, sql, ...args) {
  const row = db.prepare(sql).get(...args);
  return Object.values(row)[0];
}

function migrations(folder, files) {
  const place = path.join(folder, "m");
  fs.mkdirSync(place, { recursive: true });
  for (const [name, text] of Object.entries(files))
    fs.writeFileSync(path.join(place, name), text);
  return place;
}

const TWO = { "1_one.sql": "-- migrate:up\nCREATE TABLE one (id);\n" +
                           "-- migrate:down\nDROP TABLE one;\n",
              "2_two.sql": "-- migrate:up\nCREATE TABLE two (id);\n" +
                           "-- migrate:down\nDROP TABLE two;\n" };

// Expect an error of a message and, by the driver's way of telling, a code.
function fails(driver, body, pattern, name, code) {
  assert.throws(body, (error) => {
    assert.match(error.message, pattern);
    if (name) driver.code(error, name, code);
    return true;
  });
}

function upAndLook(driver, folder) {
  const db = driver.open(path.join(folder, "app.db"));
  const place = migrations(folder, TWO);
  assert.equal(one(db, "SELECT migrate_up(?)", place), 2);
  assert.equal(one(db, "SELECT migrate_current()"), "2");
  const rows = db.prepare("SELECT version, state, duration_ms, reversible, " +
                          "applied_at FROM migrate_status()").all();
  assert.deepEqual(rows.map((row) => row.version), ["1", "2"]);
  assert.equal(typeof rows[0].duration_ms, "number");
  assert.equal(rows[0].reversible, 1);
  assert.match(rows[0].applied_at, /^\d{4}-.*Z$/);
  assert.equal(one(db, "SELECT migrate_rollback('base')"), 2);
  db.close();
}

function errorCodes(driver, folder) {
  const db = driver.open(path.join(folder, "app.db"));
  const add = "SELECT migrate_add('1', ?)";
  for (const [up, pattern, name, code] of [
    ["CREATE TABLE u (x UNIQUE); INSERT INTO u VALUES (1), (1)",
     /^migration "1" failed at line 1: UNIQUE/, "SQLITE_CONSTRAINT_UNIQUE",
     2067],
    ["CREATE TABLE u (x NOT NULL); INSERT INTO u VALUES (NULL)",
     /NOT NULL/, "SQLITE_CONSTRAINT_NOTNULL", 1299],
    ["nonsense", /syntax error/, "SQLITE_ERROR", 1]]) {
    one(db, add, up);
    fails(driver, () => one(db, "SELECT migrate_apply()"), pattern, name, code);
  }
  fails(driver, () => one(db, "SELECT migrate_load('/nowhere')"),
        /does not exist/, "SQLITE_CANTOPEN", 14);
  fails(driver, () => db.prepare("SELECT * FROM migrate_plan('9')").all(),
        /there is no migration "9"/, "SQLITE_ERROR", 1);
  db.close();
}

function busyElsewhere(driver, folder) {
  const file = path.join(folder, "app.db");
  const db = driver.open(file);
  const other = driver.open(file);
  one(db, "SELECT migrate_add('1', 'CREATE TABLE one (id)')");
  one(db, "SELECT migrate_config('wait_timeout', '100ms')");
  db.exec("PRAGMA busy_timeout = 0");
  other.exec("BEGIN IMMEDIATE");
  fails(driver, () => one(db, "SELECT migrate_apply()"),
        /others have held the database/, "SQLITE_BUSY", 5);
  other.exec("ROLLBACK");
  assert.equal(one(db, "SELECT migrate_apply()"), 1);
  other.close();
  db.close();
}

function transactions(driver, folder) {
  const db = driver.open(path.join(folder, "app.db"));
  const place = migrations(folder, TWO);
  assert.throws(() => driver.transaction(db, () => {
    assert.equal(one(db, "SELECT migrate_up(?)", place), 2);
    throw new Error("on purpose");
  }), /on purpose/);
  assert.equal(one(db, "SELECT count(*) FROM sqlite_schema"), 0);
  driver.transaction(db, () => {
    assert.equal(one(db, "SELECT migrate_up(?)", place), 2);
  });
  assert.equal(one(db, "SELECT migrate_current()"), "2");
  db.close();
}

function openIterator(driver, folder) {
  const db = driver.open(path.join(folder, "app.db"));
  const place = migrations(folder, TWO);
  one(db, "SELECT migrate_load(?)", place);
  db.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)");
  const rows = db.prepare("SELECT x FROM t").iterate();
  rows.next();
  // better-sqlite3 itself lets nothing but reading statements run beside it.
  fails(driver, () => one(db, "SELECT migrate_apply()"),
        /cannot run while a statement of this connection reads|busy executing/);
  assert.equal(one(db, "SELECT migrate_pending()"), 2);
  rows.return();
  assert.equal(one(db, "SELECT migrate_apply()"), 2);
  const status = db.prepare("SELECT * FROM migrate_status()").iterate();
  assert.equal(status.next().value.version, "1");
  status.return();
  db.close();
}

function bigIntegers(driver, folder) {
  const db = driver.open(path.join(folder, "app.db"));
  const place = migrations(folder, TWO);
  const statement = db.prepare("SELECT migrate_up(?) AS n");
  driver.safeIntegers(statement);
  assert.equal(statement.get(place).n, 2n);
  const history = db.prepare("SELECT seq, duration_ms FROM migrate_history() " +
                             "WHERE action = 'apply'");
  driver.safeIntegers(history);
  const row = history.get();
  assert.equal(typeof row.seq, "bigint");
  assert.equal(typeof row.duration_ms, "number");
  db.close();
}

function attached(driver, folder) {
  const db = driver.open(path.join(folder, "app.db"));
  db.prepare("ATTACH ? AS tenant").run(path.join(folder, "tenant.db"));
  one(db, "SELECT migrate_config('target_schema', 'tenant')");
  assert.equal(one(db, "SELECT migrate_up(?)", migrations(folder, TWO)), 2);
  assert.equal(one(db, "SELECT count(*) FROM tenant.one"), 0);
  db.close();
}

// SQLite takes the entry point from the file's name.
function otherNames(driver, folder) {
  for (const name of ["libmigrate.so", "migrate-0.2.so", "migrate.node"]) {
    const file = path.join(folder, name);
    fs.copyFileSync(MIGRATE, file);
    const db = driver.open(":memory:", file);
    assert.match(one(db, "SELECT migrate_version()"), /^\d/);
    db.close();
  }
  const file = path.join(folder, "other.so");
  fs.copyFileSync(MIGRATE, file);
  assert.throws(() => driver.open(":memory:", file), /sqlite3_other_init/);
}

function example(driver, folder) {
  const run = (database, source) =>
    spawnSync(process.execPath, ["--no-warnings", "node_app.mjs", MIGRATE,
                                 path.join(folder, database), source],
              { encoding: "utf8" });
  let done = run("app.db", SHOP);
  assert.equal(done.stdout, "6 migrations applied, now at 0005\n", done.stderr);
  done = run("app.db", SHOP);
  assert.equal(done.stdout, "0 migrations applied, now at 0005\n", done.stderr);
  done = run("bad.db", migrations(folder, {
    "1_bad.sql": "CREATE TABLE u (x UNIQUE); INSERT INTO u VALUES (1), (1);" }));
  assert.equal(done.status, 1);
  assert.match(done.stderr, /UNIQUE constraint failed[^]*SQLITE/);
}

// What opens connections of its own: a library may lack what watches over them.
function copies(driver, folder) {
  const file = path.join(folder, "app.db");
  const copy = path.join(folder, "copy.db");
  const db = driver.open(file);
  assert.equal(one(db, "SELECT migrate_add('1', 'CREATE TABLE t (a)')"), 1);
  assert.equal(one(db, "SELECT migrate_config('rehearse', 'on')"), "on");
  assert.equal(one(db, "SELECT migrate_apply()"), 1);
  db.exec("INSERT INTO t VALUES (1)");
  assert.equal(one(db, "SELECT migrate_backup(?)", copy), copy);
  assert.equal(one(db, "SELECT migrate_add('2', 'DELETE FROM t; VACUUM')"), 1);
  assert.equal(one(db, "SELECT migrate_apply()"), 1);
  assert.match(one(db, "SELECT migrate_rebuild('t', '(a INTEGER NOT NULL)')"),
               /SELECT migrate_rebuild/);
  assert.equal(one(db, "SELECT migrate_restore(?)", copy), copy);
  assert.equal(one(db, "SELECT count(*) FROM t"), 1);
  assert.equal(one(db, "SELECT migrate_current()"), "1");
  db.close();
}

function fleet(driver, folder) {
  for (const name of ["a", "b"])
    fs.writeFileSync(path.join(folder, `${name}.db`), "");
  const db = driver.open(":memory:");
  assert.equal(one(db, "SELECT migrate_add('1', 'CREATE TABLE t (a)')"), 1);
  const glob = path.join(folder, "*.db");
  assert.equal(one(db, "SELECT sum(applied) FROM migrate_fleet(?)", glob), 2);
  assert.equal(one(db, `SELECT count(*) FROM migrate_fleet_status(?)
                        WHERE state = 'current'`, glob), 2);
  db.close();
}

const better = "better-sqlite3";
if (process.env.BETTER_SQLITE3) {
  const { default: Database } = await import("better-sqlite3");
  drivers.push({
    name: better,
    open(file, extension = MIGRATE) {
      const db = new Database(file);
      db.loadExtension(extension);
      return db;
    },
    code(error, name) { assert.equal(error.code, name); },
    transaction(db, body) { db.transaction(body)(); },
    safeIntegers(statement) { statement.safeIntegers(); },
  });
} else {
  skip(better, process.env.REASON);
}

try {
  const { DatabaseSync } = await import("node:sqlite");
  drivers.push({
    name: "node:sqlite",
    open(file, extension = MIGRATE) {
      const db = new DatabaseSync(file, { allowExtension: true });
      db.loadExtension(extension);
      return db;
    },
    code(error, name, code) { assert.equal(error.errcode, code); },
    transaction(db, body) {
      db.exec("BEGIN");
      try {
        body();
        db.exec("COMMIT");
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },
    safeIntegers(statement) { statement.setReadBigInts(true); },
  });
} catch (error) {
  skip("node:sqlite", `node ${process.version} has no such module`);
}

for (const driver of drivers) {
  // Each has an SQLite of its own, and one file serves one of them.
  const version = driver.open(":memory:");
  console.log(`# ${driver.name}: SQLite ` +
              one(version, "SELECT sqlite_version()"));
  version.close();
  test(driver, "up, look, back", upAndLook);
  test(driver, "error codes", errorCodes);
  test(driver, "another connection writes", busyElsewhere);
  test(driver, "in a transaction of the driver's", transactions);
  test(driver, "beside an open iterator", openIterator);
  test(driver, "integers as BigInt", bigIntegers);
  test(driver, "an attached database", attached);
  test(driver, "backup, rehearsal, VACUUM, rebuild, restore", copies);
  test(driver, "many files", fleet);
  test(driver, "the file under other names", otherNames);
  if (driver === drivers[0]) test(driver, "the example", example);
}
console.log(`1..${number}`);
process.exitCode = failed > 0 ? 1 : 0;
