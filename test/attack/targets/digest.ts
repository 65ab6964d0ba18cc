import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { sha256 } from "../../../lib/core/hash";

interface ReadArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

/** Arrays as text: name, shape and digest of the values of each, in the order of their names. */
export function arraysText(arrays: readonly ReadArray[]): string {
  return sorted(
    arrays.map(({ name, shape, data }) => `${JSON.stringify(name)} [${shape.join(",")}] ${valuesDigest(data)}`),
  );
}

/** Every NaN counts as the same one. */
function valuesDigest(data: ReadArray["data"]): string {
  const copy = data.slice();
  if (!(copy instanceof Int32Array))
    copy.forEach((value, i) => {
      if (Number.isNaN(value)) copy[i] = Number.NaN;
    });
  return bytesDigest(new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength));
}

/** The first 16 digits of the SHA-256. */
export function bytesDigest(bytes: Uint8Array): string {
  return sha256(bytes).slice(0, 16);
}

/** All files beneath a folder, each with the digest of its content. */
export function filesText(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return sorted(paths.map((path) => `${JSON.stringify(relative(folder, path))} ${bytesDigest(readFileSync(path))}`));
}

/** Lines in the order of their bytes. */
function sorted(lines: readonly string[]): string {
  return lines.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join("\n");
}
