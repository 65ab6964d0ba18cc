import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A part of the set-up: `inputs(root)` is all that determines its outputs, `present(root)` says whether they exist,
 * `build({root, lock, python, compiler})` makes them, and `stamp` is the file beside them that remembers the inputs.
 */

/** Whether the part's outputs exist and were made, to the end, from the present inputs. */
export function isFresh(part, root) {
  return part.present(root) && readStamp(part, root) === stampOf(part, root);
}

/** Records that the part's outputs were made from the present inputs. */
export function writeStamp(part, root) {
  writeWhole(join(root, part.stamp), stampOf(part, root));
}

/** Forgets the part, so that work cut short is done again. */
export function removeStamp(part, root) {
  rmSync(join(root, part.stamp), { force: true });
}

/** SHA-256 of the part's inputs; they hold the root's path where outputs do, so that a moved clone is noticed. */
export function stampOf(part, root) {
  return createHash("sha256")
    .update(JSON.stringify(part.inputs(root)))
    .digest("hex");
}

/** Writes a file at once: a reader sees the old content or the new one, never a half. */
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
