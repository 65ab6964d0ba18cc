import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { isPlainObject } from "../../core/hash";
import { InputError } from "../../core/input-error";

/**
 * The folders, relative to `root`, of all packages that the compiled library may load: those that
 * its files name, and what these depend on. What is loaded by other ways, as the notebooks' data
 * frames are, is not among them.
 */
export function packagesLoaded(root: string): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string, from: string, optional: boolean): void => {
    if (name.startsWith("@types/")) return;
    const folder = folderOf(name, from, root);
    if (folder === null && optional) return;
    if (folder === null)
      throw new InputError({ file: name, fault: `is not installed for ${from}`, remedy: "npm run setup" });
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies, optionalDependencies, peerDependencies } = descriptionOf(join(root, folder));
    for (const each of names(dependencies)) visit(each, folder, names(optionalDependencies).includes(each));
    for (const each of [...names(optionalDependencies), ...names(peerDependencies)]) visit(each, folder, true);
  };
  for (const name of namedPackages(join(root, "lib", "dist"))) visit(name, "", false);
  return [...found].sort();
}

/** The packages that compiled files name, wherever they name them. */
function namedPackages(folder: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".js")) continue;
    const text = readFileSync(join(folder, path), "utf8");
    for (const [, name = ""] of text.matchAll(/\b(?:require|import)\("((?:@[\w.-]+\/)?[\w-][\w.-]*)[^"]*"\)/g)) {
      if (!isBuiltIn(name)) found.add(name);
    }
  }
  return found;
}

function isBuiltIn(name: string): boolean {
  return name.startsWith("node:") || name === "node" || builtinModules.includes(name);
}

/** Where Node finds a package for a file in `from`, both relative to `root`; null if nowhere. */
function folderOf(name: string, from: string, root: string): string | null {
  const here = join(from, "node_modules", name);
  if (!from.endsWith("node_modules") && existsSync(join(root, here, "package.json"))) return here;
  return from === "" || from === "." ? null : folderOf(name, dirname(from), root);
}

function descriptionOf(folder: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return isPlainObject(parsed) ? parsed : {};
}

function names(dependencies: unknown): readonly string[] {
  return isPlainObject(dependencies) ? Object.keys(dependencies) : [];
}
