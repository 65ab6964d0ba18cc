import { type Dirent, statSync } from "node:fs";
import { join } from "node:path";
import { unreadable } from "./open-file";

/**
 * The sorted names of the image files in a folder. Left out is what other programs put beside them:
 * hidden files, such as the Mac's "._" shadows, and folders, pipes and broken links of any name.
 */
export function imageFiles(folder: string, entries: readonly Dirent[], ending: RegExp): string[] {
  const images = entries.filter(({ name }) => !name.startsWith(".") && ending.test(name));
  return images
    .filter((entry) => leadsTo(folder, entry, "isFile"))
    .map(({ name }) => name)
    .sort();
}

/**
 * The sorted names of the class folders in a folder, or links to them; hidden ones are left out.
 */
export function classFolders(folder: string, entries: readonly Dirent[]): string[] {
  const visible = entries.filter(({ name }) => !name.startsWith(".") && name !== "__MACOSX");
  return visible
    .filter((entry) => leadsTo(folder, entry, "isDirectory"))
    .map(({ name }) => name)
    .sort();
}

/** Of a link that leads nowhere: to nothing, through a file, or in a circle. */
const nowhere = ["ENOENT", "ENOTDIR", "ELOOP"];

/** Only a link has to be followed. Throws InputError if this user may not follow it. */
function leadsTo(folder: string, entry: Dirent, kind: "isFile" | "isDirectory"): boolean {
  if (!entry.isSymbolicLink()) return entry[kind]();
  const path = join(folder, entry.name);
  try {
    return statSync(path)[kind]();
  } catch (cause) {
    if (nowhere.includes((cause as NodeJS.ErrnoException).code ?? "")) return false;
    throw unreadable(path, cause);
  }
}
