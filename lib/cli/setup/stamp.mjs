import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A part of the set-up: `title` and `takes` (time and disk) are said when it begins, `inputs(root)`
 * is everything that determines its outputs, `present(root)` tells whether they exist,
 * `build({root, lock, python, compiler})` makes them, and the file `stamp` beside them records the
 * inputs.
 */

/** Whether the outputs of the part exist and were completely made from the current inputs. */
export function isFresh(part, root) {
  return part.present(root) && readStamp(part, root) === stampOf(part, root);
}

/** Records that the outputs of the part were made from the current inputs. */
export function writeStamp(part, root) {
  writeWhole(join(root, part.stamp), stampOf(part, root));
}

/** Removes the record, so that interrupted work is repeated. */
export function removeStamp(part, root) {
  rmSync(join(root, part.stamp), { recursive: true, force: true });
}

/**
 * SHA-256 of the inputs of the part. They hold the path of the root if the outputs do, so that a
 * moved clone is noticed.
 */
export function stampOf(part, root) {
  return createHash("sha256")
    .update(JSON.stringify(part.inputs(root)))
    .digest("hex");
}

/** Writes a file atomically: a reader sees either the old content or the new. */
export function writeWhole(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, content);
  renameSync(partial, path);
}

function readStamp(part, root) {
  try {
    return readFileSync(join(root, part.stamp), "utf8");
  } catch {
    return null;
  }
}
