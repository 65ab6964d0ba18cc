import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import { unexpected } from "../core/check";
import { checkRegularFile } from "../core/input/open-file";
import { InputError } from "../core/input-error";

// SQLite keeps the gallery, and lib/retrieval searches it. @photostructure/sqlite is Node's own
// node:sqlite (of Node 22) for Node 20, with its compiled code in the package. Tried under Node 20,
// installed without install scripts, and killed with -9 while adding rows:
//
//   @photostructure/sqlite 1.2.1  29 MB; all that was committed was there, the file was sound
//   @lancedb/lancedb 0.39.0       569 MB with what it depends on; all was there as well, in 180 to
//                                 206 files for 12,000 rows; 20 times 256 of 100,000 rows replaced
//                                 in 2.6 s, by SQLite in 0.4; no transaction over two tables
//   libsql 0.5.29                 all was there; ends the process at a search by sqlite-vec
//   better-sqlite3 13.2.0         wants Node 22, crashes under 20; 12.4.1 lacks its compiled code
//   node-sqlite3-wasm 0.8.60      a file stays locked if its process is killed
//
// sqlite-vec 0.1.9 searches 100,000 x 128 values in 36 ms a query, exactly; it is not needed, since
// the library's own search is exact too, takes queries together, and orders ties as all else does.

/** What SQLite takes and gives. */
type Value = string | number | Uint8Array | null;

/** An open gallery file. */
export interface Store {
  readonly path: string;
  /** Lets readers go on while another process writes; what is committed outlives a power cut. */
  readonly makeDurable: () => void;
  /** Runs a statement; gives the number of rows that it changed. */
  readonly run: (sql: string, ...values: readonly Value[]) => number;
  /** The rows that a query gives, of the form that the caller knows. */
  readonly all: <T>(sql: string, ...values: readonly Value[]) => T[];
  /** The only row that a query gives; undefined if there is none. */
  readonly first: <T>(sql: string, ...values: readonly Value[]) => T | undefined;
  /** All of `work` happens, or, if it throws or the process is killed, nothing of it. */
  readonly atOnce: <T>(work: () => T) => T;
  /** All that `work` reads is of one moment, whatever other processes write meanwhile. */
  readonly atOneMoment: <T>(work: () => T) => T;
  readonly close: () => void;
}

/** "FCTG", by which a file says what it is. */
export const applicationId = 0x46435447;
export const version = 2;
/** Milliseconds for which a writer waits for another. */
const patience = 60_000;

/**
 * Opens a gallery file, to be read only where this user may not write it or its folder. Throws
 * InputError if it is none.
 */
export function openStore(path: string): Store {
  checkRegularFile(path);
  const store = openDatabase(path);
  const number = (name: string): number =>
    Object.values(store.first<Record<string, number>>(`PRAGMA ${name}`) ?? {})[0] ?? 0;
  try {
    if (number("application_id") !== applicationId) {
      const remedy = '"fct gallery create" makes one';
      throw new InputError({ file: path, fault: "is a database, and not a gallery", remedy });
    }
    const found = number("user_version");
    if (found !== version) {
      const fault = `is of version ${found}: ${version} is read`;
      throw new InputError({ file: path, fault, remedy: "make the gallery anew" });
    }
    // Not before: it changes the file, which may be somebody's database.
    store.makeDurable();
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Opens or makes a database in the file `place`, which errors call `path`. */
export function openDatabase(place: string, path: string = place): Store {
  const naming = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw cause instanceof InputError ? cause : refused(path, cause);
    }
  };
  // SQLite's own files stand beside what a link leads to.
  const real = existsSync(place) ? realpathSync(place) : place;
  const readOnly = !mayWrite(real);
  const database = naming(() => new DatabaseSync(readOnly ? readPlace(real) : real, { timeout: patience, readOnly }));
  const statements = new Map<string, Statement>();
  const prepared = (sql: string): Statement => {
    const found = statements.get(sql) ?? (database.prepare(sql) as Statement);
    statements.set(sql, found);
    return found;
  };
  const run = (sql: string, ...values: readonly Value[]): number =>
    naming(() => prepared(sql).run(...values.map(storable)).changes);
  const all = <T>(sql: string, ...values: readonly Value[]): T[] =>
    naming(() => prepared(sql).all(...values.map(storable)) as T[]);
  let inside = false;
  const between = <T>(begin: string, work: () => T): T => {
    if (inside) return work();
    run(begin);
    inside = true;
    try {
      const result = work();
      run("COMMIT");
      return result;
    } catch (error) {
      // SQLite itself has ended the transaction if the disk is full, for example.
      if (database.isTransaction) run("ROLLBACK");
      throw error;
    } finally {
      inside = false;
    }
  };
  return {
    path,
    makeDurable: () => {
      if (readOnly) return;
      naming(() => database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"));
    },
    run,
    all,
    first: <T>(sql: string, ...values: readonly Value[]) => all<T>(sql, ...values)[0],
    atOnce: (work) => between("BEGIN IMMEDIATE", work),
    atOneMoment: (work) => between("BEGIN", work),
    close: () => {
      try {
        // What stands in the log goes to the file, which can then be copied alone.
        if (!readOnly) database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch {
        // It is safe where it stands: a full disk must not end who has only read.
      } finally {
        database.close();
      }
    },
  };
}

/** Whether this user may write a database, which needs files of its own beside it. */
function mayWrite(place: string): boolean {
  try {
    accessSync(dirname(place), constants.W_OK);
    if (existsSync(place)) accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * By what a database is opened that may only be read. Its log is read too if there is one; without,
 * SQLite would want to make one, unless it is told that the file does not change.
 */
function readPlace(place: string): string | URL {
  if (existsSync(`${place}-wal`)) return place;
  const url = pathToFileURL(place);
  url.searchParams.set("immutable", "1");
  return url;
}

/** A text would end at U+0000, and the halves of surrogate pairs would all become one character. */
function storable(value: Value): Value {
  if (typeof value !== "string" || !/[\0\uD800-\uDFFF]/u.test(value)) return value;
  throw unexpected("text of a gallery", "whole Unicode characters, none of them U+0000", JSON.stringify(value));
}

interface Statement {
  readonly run: (...values: readonly Value[]) => { readonly changes: number };
  readonly all: (...values: readonly Value[]) => unknown[];
}

/** What SQLite's errors say: their primary code, its words, and the library's. */
const faults: readonly (readonly [code: number, words: string, fault: string, remedy: string])[] = [
  [5, "database is locked", "is written by another process", "wait for it"],
  [8, "attempt to write a readonly database", "may not be written by this user", "ask its owner"],
  [10, "disk I/O error", "cannot be read or written", "look at its disk, which may be full or damaged"],
  [11, "database disk image is malformed", "is damaged", "take a copy from before"],
  [13, "database or disk is full", "cannot be written: the disk is full", "free some space; what was stored is kept"],
  [14, "unable to open database file", "cannot be opened", "its folder must exist and be writable"],
  [26, "file is not a database", "is not a gallery", '"fct gallery create" makes one'],
];

function refused(path: string, cause: unknown): unknown {
  const { errcode, message } = cause as { readonly errcode?: number; readonly message: string };
  // Errors of queries come without their code.
  const isThis = (code: number, words: string) =>
    errcode === undefined ? message === words : (errcode & 0xff) === code;
  const known = faults.find(([code, words]) => isThis(code, words));
  if (known === undefined) return cause;
  const [, , fault, remedy] = known;
  return new InputError({ file: path, fault: `${fault} (${message})`, remedy, cause });
}
