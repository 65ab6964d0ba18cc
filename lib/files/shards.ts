import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { unreadable } from "../core/input/open-file";
import { InputError } from "../core/input-error";

const endings = /\.(npy|npz|safetensors|parquet|csv|tsv)$/;
/** Numbers within names count as numbers: part-2 comes before part-10. */
const collator = new Intl.Collator("en", { numeric: true });

/**
 * The places of the files that `place` names together, in the order of their names: a folder, or a
 * pattern in which "*" stands for any characters of a file's name and "?" for one. "#name" after it
 * is meant for each file. Null if `place` names a single file; empty if nothing matches.
 */
export function shardPlaces(place: string): readonly string[] | null {
  const [path, selector] = divided(place);
  if (isFolder(path))
    return named(
      path,
      filesIn(path, (name) => endings.test(name)),
      selector,
    );
  const name = basename(path);
  if (!/[*?]/.test(name) || existsSync(path)) return null;
  const pattern = new RegExp(
    `^${name
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
  const folder = dirname(path);
  return named(folder, isFolder(folder) ? filesIn(folder, (each) => pattern.test(each)) : [], selector);
}

/** The same where there must be files, all of one format. Throws InputError if there are not. */
export function shardsAt(place: string): readonly string[] | null {
  const places = shardPlaces(place);
  if (places === null) return null;
  const [first] = places;
  if (first === undefined) {
    const formats = "npy, npz, safetensors, parquet, csv or tsv";
    const isOne = isFolder(divided(place)[0]);
    const fault = isOne ? `is a folder that holds no file of ${formats}` : "names no file";
    throw new InputError({ file: place, fault, remedy: 'name a folder of them, or a pattern in quotes, "part-*.npy"' });
  }
  const formats = [...new Set(places.map((each) => endings.exec(divided(each)[0])?.[1] ?? "another"))];
  if (formats.length === 1) return places;
  const fault = `names files of several formats (${formats.join(", ")})`;
  throw new InputError({ file: place, fault, remedy: `name those of one, such as "*.${formats[0]}"` });
}

/** A path, and what stands after the last "#" of a place. */
function divided(place: string): readonly [string, string] {
  const [, path = place, selector = ""] = existsSync(place) ? [] : (/^(.+)(#[^#/]+)$/.exec(place) ?? []);
  return [path, selector];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Whoever opens it says what is wrong.
    return false;
  }
}

/** Hidden files are left out, such as the shadows that a Mac leaves. */
function filesIn(folder: string, matches: (name: string) => boolean): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith(".") && matches(name));
    return names.sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

function named(folder: string, names: readonly string[], selector: string): readonly string[] {
  return names.map((name) => join(folder, name) + selector);
}
