import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dropBefore, replaceFolder } from "./aside.mjs";
import { run } from "./run.mjs";

/** node_modules as in package-lock.json, without running the packages' install scripts. */
export const packagesPart = {
  title: "npm packages",
  takes: "about a minute, 0.4 GB",
  stamp: "node_modules/.packages.stamp",
  inputs: (root) => [readFileSync(join(root, "package-lock.json"), "utf8")],
  present: (root) => installedPackages(root) !== null,
  build: installPackages,
};

async function installPackages({ root, lock }) {
  if (isInstalled(root)) return dropBefore(join(root, "node_modules"));
  const options = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  // `npm run` tells which npm runs; it need not be on the path.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  await replaceFolder(join(root, "node_modules"), () =>
    run(command, [...first, ...options], {
      cwd: root,
      lock,
      env: ownEnvironment(),
      remedy:
        "look at the message above: often the npm registry is not reachable, or package.json and its lock file differ",
    }),
  );
  removeSourceMaps(join(root, "node_modules"));
}

/** Source maps are a third of what npm installs, and nothing reads them. */
function removeSourceMaps(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeSourceMaps(path);
    else if (/\.[cm]?js\.map$|\.d\.[cm]?ts\.map$/.test(entry.name)) rmSync(path);
  }
}

/** Whether npm has completely installed what the lock file asks for. */
function isInstalled(root) {
  const installed = installedPackages(root);
  if (installed === null) return false;
  const { "": _root, ...wanted } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return (
    Object.entries(wanted).every(([path, { optional }]) => optional || path in installed) &&
    Object.entries(installed).every(([path, { version, integrity }]) => {
      const same = wanted[path]?.version === version && wanted[path]?.integrity === integrity;
      return same && existsSync(join(root, path, "package.json"));
    })
  );
}

/** The packages that npm has noted as installed, by path; null if its note is missing or damaged. */
function installedPackages(root) {
  try {
    return JSON.parse(readFileSync(join(root, "node_modules", ".package-lock.json"), "utf8")).packages ?? null;
  } catch {
    return null;
  }
}

/** The environment without the variables that `npm run` sets, which would affect the inner npm. */
function ownEnvironment() {
  const added =
    /^npm_(package|lifecycle|command|config_(?:global|omit|include|workspace|workspaces|local_prefix|dry_run)$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !added.test(name) && name !== "NODE_ENV"));
}
