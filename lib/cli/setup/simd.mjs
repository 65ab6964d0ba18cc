import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The AssemblyScript sources, what they compile to (simd.wasm), and the record of both (simd.json). */
export const simdFolder = "lib/retrieval/engine/simd";

/** The names of the sources, sorted. */
export function simdSources(root) {
  return readdirSync(join(root, simdFolder))
    .filter((name) => name.endsWith(".ts"))
    .sort();
}

/** SHA-256 of each source and of simd.wasm. */
export function simdDigests(root) {
  const names = [...simdSources(root), "simd.wasm"];
  return Object.fromEntries(names.map((name) => [name, sha256(join(root, simdFolder, name))]));
}

function sha256(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
