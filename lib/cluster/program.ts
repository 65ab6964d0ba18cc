import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../core/paths";

/** A hash of the compiled library that runs: of every script and every piece of WebAssembly. */
export function programHash(folder: string = join(projectRoot(), "lib", "dist")): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(js|wasm)$/.test(name));
  const hash = createHash("sha256");
  for (const name of names.sort()) {
    const content = readFileSync(join(folder, name));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}
