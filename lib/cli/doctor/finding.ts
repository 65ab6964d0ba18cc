import { readFileSync } from "node:fs";

/** What the doctor looks at. Tests put other machines and clones in its place. */
export interface Patient {
  /** The clone's folder. */
  readonly root: string;
  /** The processor's model. */
  readonly processor: string;
  /** Bytes of memory, and of disk in the clone's file system. */
  readonly memory: { readonly total: number; readonly free: number };
  readonly freeDisk: number;
  /** What a program prints, trimmed; null if it is missing or fails. */
  readonly answer: (command: string, words: readonly string[]) => string | null;
}

/** One thing looked at; `remedy` says what to do if it is wrong, and is null if it is right. */
export interface Finding {
  readonly what: string;
  readonly found: string;
  readonly remedy: string | null;
}

/** The command that builds what is missing or broken. */
export const setUp = "npm run setup";

/** Something that is as it should be. */
export function right(what: string, found: string): Finding {
  return { what, found, remedy: null };
}

/** Something to mend, and how. */
export function wrong(what: string, found: string, remedy: string): Finding {
  return { what, found, remedy };
}

/** A program or package: wrong if its version is null. */
export function versionOf(what: string, version: string | null, remedy: string = setUp): Finding {
  return version === null ? wrong(what, "missing", remedy) : right(what, version);
}

/** The content of a JSON file; undefined if it cannot be read. */
export function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** The text without line breaks. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
