import { existsSync, linkSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unreadable } from "../core/input/open-file";
import { InputError } from "../core/input-error";
import { requireOutput } from "../files/matrix-output";
import { applicationId, openDatabase, type Store, version } from "./store";

const schema = `
  CREATE TABLE gallery (distance TEXT NOT NULL, side INTEGER, revision INTEGER NOT NULL, removed INTEGER NOT NULL);
  CREATE TABLE model (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, dimensions INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('current', 'coming', 'past')), space BLOB, h TEXT
  );
  CREATE UNIQUE INDEX one_current ON model (state) WHERE state <> 'past';
  CREATE TABLE item (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, label TEXT,
    model INTEGER NOT NULL REFERENCES model, vector BLOB NOT NULL, checksum INTEGER NOT NULL,
    side BLOB, side_checksum INTEGER, revision INTEGER NOT NULL
  );
  CREATE INDEX item_revision ON item (revision);
  CREATE TABLE mapped (
    item INTEGER NOT NULL REFERENCES item ON DELETE CASCADE, model INTEGER NOT NULL REFERENCES model,
    vector BLOB NOT NULL, checksum INTEGER NOT NULL, rank REAL NOT NULL, PRIMARY KEY (item, model)
  );
  CREATE INDEX mapped_rank ON mapped (model, rank DESC, item);
`;

/**
 * Makes a gallery file by `fill`, whole or not at all: it is made beside its place, and then gets
 * its name. Throws InputError if there is one, if its folder is missing or not writable, or if the
 * disk is full.
 */
export function createStore(path: string, fill: (store: Store) => void): void {
  if (existsSync(path)) throw thereAlready(path);
  const log = `${path}-wal`;
  if ((lstatSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    // SQLite would take it for the log of the new file.
    const fault = "is left of a gallery that is there no longer";
    throw new InputError({ file: log, fault, remedy: "remove it, or name another file" });
  }
  requireOutput(path, { inputs: [], replace: false });
  const folder = mkdtempSync(`${path}.`);
  try {
    const made = join(folder, "made");
    const store = openDatabase(made, path);
    try {
      store.makeDurable();
      store.atOnce(() => {
        store.run(`PRAGMA application_id = ${applicationId}`);
        store.run(`PRAGMA user_version = ${version}`);
        for (const statement of schema.split(";")) if (statement.trim() !== "") store.run(statement);
        fill(store);
      });
    } finally {
      store.close();
    }
    // A copy, since SQLite may keep a file open after it is closed, and knows it by its inode.
    const copy = join(folder, "copy");
    try {
      writeFileSync(copy, readFileSync(made), { flush: true });
    } catch (cause) {
      throw unreadable(path, cause);
    }
    linkedOrRenamed(copy, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function thereAlready(path: string): InputError {
  return new InputError({ file: path, fault: "is there already", remedy: "name another file" });
}

/** A link, unlike a new name, replaces no file that has appeared meanwhile. */
function linkedOrRenamed(made: string, path: string): void {
  try {
    linkSync(made, path);
  } catch {
    if (lstatSync(path, { throwIfNoEntry: false })) throw thereAlready(path);
    // Some file systems have no links.
    renameSync(made, path);
  }
}
