import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../core/paths";

/** The Python environment that the set-up makes. */
export function projectEnvironment(): string {
  return join(projectRoot(), ".venv");
}

/** kaleido's own browser in a Python environment; an Error that says how to install it when it is missing. */
export function kaleidoFolder(environment: string): string {
  const libraries = join(environment, "lib");
  const found = (existsSync(libraries) ? readdirSync(libraries) : [])
    .map((python) => join(libraries, python, "site-packages", "kaleido", "executable"))
    .find((folder) => existsSync(join(folder, "bin", "kaleido")));
  if (found === undefined)
    throw new Error(`kaleido is missing in ${environment}, no figure can be drawn: npm run setup`);
  return found;
}
