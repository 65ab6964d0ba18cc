import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileSha256 } from "../../core/hash";
import { classFolders, imageFiles } from "../../core/input/folder-entries";
import { unreadable } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { loadAhead } from "../../core/load-ahead";
import { ownImageEnding } from "../decoding/square-image";

/** An image file of a user. */
export interface OwnFile {
  readonly path: string;
  readonly className: string;
  /** SHA-256 of its bytes. */
  readonly sha256: string;
}

/** The image files of a folder: divided by its owner, or one tree of classes. */
export type OwnFiles =
  | { readonly kind: "divided"; readonly train: readonly OwnFile[]; readonly test: readonly OwnFile[] }
  | { readonly kind: "whole"; readonly files: readonly OwnFile[] };

/** What a listing tells while it goes on. */
export interface Listening {
  /** Called with a line of what the user should know. */
  readonly warn: (message: string) => void;
  /** Called with the number of files whose bytes were hashed, and of all. */
  readonly hashed?: (done: number, total: number) => void;
}

const atOnce = 16;

/**
 * Lists `folder`/train/<class>/* and `folder`/test/<class>/* (or val in place of test), or
 * `folder`/<class>/*. Throws InputError on a folder without classes, on a class without images, and
 * on folders inside of a class.
 */
export async function ownFiles(folder: string, { warn, hashed }: Listening): Promise<OwnFiles> {
  const top = classFolders(folder, entriesOf(folder));
  const test = ["test", "val"].find((name) => top.includes(name));
  const other: string[] = [];
  if (!top.includes("train")) {
    const [files] = await withHashes([listed(folder, other)], hashed);
    leftOut(folder, other, warn);
    return { kind: "whole", files: files ?? [] };
  }
  if (test === undefined) {
    const remedy = "put test images into test/<class>, or name the folder of classes itself to have it divided";
    throw new InputError({ file: folder, fault: "has a folder train, and neither test nor val", remedy });
  }
  const beside = top.filter((name) => name !== "train" && name !== test);
  if (beside.length > 0) warn(`${folder}: besides train and ${test}, left out: ${some(beside)}`);
  const parts = [listed(join(folder, "train"), other), listed(join(folder, test), other)];
  const [trained = [], tested = []] = await withHashes(parts, hashed);
  leftOut(folder, other, warn);
  return { kind: "divided", train: trained, test: tested };
}

function leftOut(folder: string, other: readonly string[], warn: (message: string) => void): void {
  if (other.length > 0)
    warn(`${folder}: ${other.length} files are no images by their ending, left out: ${some(other)}`);
}

/** At most five of several, and how many more there are. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

type Listed = Omit<OwnFile, "sha256">;

function listed(folder: string, other: string[]): readonly Listed[] {
  const classNames = classFolders(folder, entriesOf(folder));
  if (classNames.length === 0) {
    const loose = imageFiles(folder, entriesOf(folder), ownImageEnding).length;
    const fault = `has no class folder${loose === 0 ? "" : `, but ${loose} images of no class`}`;
    throw new InputError({ file: folder, fault, remedy: "put the images of each class into a folder of its name" });
  }
  return classNames.flatMap((className) => {
    const path = join(folder, className);
    const names = imagesOfClass(path, other);
    return names.map((name) => ({ path: join(path, name), className }));
  });
}

function imagesOfClass(path: string, other: string[]): readonly string[] {
  const entries = entriesOf(path);
  const nested = classFolders(path, entries);
  if (nested.length > 0) {
    const remedy = "a class is one folder of images: move them up, or name the folder that holds the classes";
    throw new InputError({
      file: path,
      fault: `is a class with ${nested.length} folders in it: ${some(nested)}`,
      remedy,
    });
  }
  const names = imageFiles(path, entries, ownImageEnding);
  const images = new Set(names);
  const strange = entries.filter(({ name }) => !name.startsWith(".") && !images.has(name)).map(({ name }) => name);
  if (names.length === 0) {
    const found = strange.length === 0 ? "is empty" : `holds no image but ${some(strange)}`;
    const remedy = "remove it, or add images: .jpg, .png, .webp, .tif and .gif are read";
    throw new InputError({ file: path, fault: `is a class that ${found}`, remedy });
  }
  for (const name of strange) other.push(join(path, name));
  return names;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw unreadable(folder, cause, "name a folder of class folders, or of train and test with class folders in them");
  }
}

async function withHashes(parts: readonly (readonly Listed[])[], hashed?: Listening["hashed"]): Promise<OwnFile[][]> {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const found: OwnFile[][] = parts.map(() => []);
  let done = 0;
  const all = parts.flatMap((files, part) => files.map((file) => ({ file, part })));
  const hash = async ({ file, part }: { readonly file: Listed; readonly part: number }) => {
    const sha256 = await fileSha256(file.path).catch((cause: unknown) => {
      throw unreadable(file.path, cause);
    });
    return { part, file: { ...file, sha256 } };
  };
  for await (const { part, file } of loadAhead(all, hash, atOnce)) {
    found[part]?.push(file);
    hashed?.(++done, total);
  }
  return found;
}
