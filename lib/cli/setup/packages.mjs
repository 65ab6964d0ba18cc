import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

/** node_modules as package-lock.json says, without the packages' own install scripts. */
export const packagesPart = {
  title: "npm packages",
  stamp: "node_modules/.packages.stamp",
  inputs: (root) => [readFileSync(join(root, "package-lock.json"), "utf8")],
  present: (root) => existsSync(join(root, "node_modules", ".package-lock.json")),
  build: installPackages,
};

async function installPackages({ root, lock }) {
  if (isInstalled(root)) return;
  const options = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  // Inside `npm run` the npm that runs is known; it may not be on the path.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  await run(command, [...first, ...options], {
    cwd: root,
    lock,
    env: ownEnvironment(),
    remedy:
      "look at the message above: often the npm registry is not reachable, or package.json and its lock file differ",
  });
}

/** Whether npm has installed, to the end, just what the lock file asks for: then there is nothing to download again. */
function isInstalled(root) {
  const installed = packagesOf(join(root, "node_modules", ".package-lock.json"));
  const wanted = packagesOf(join(root, "package-lock.json"));
  delete wanted[""];
  return (
    Object.entries(wanted).every(([path, { optional }]) => optional || path in installed) &&
    Object.entries(installed).every(([path, { version, integrity }]) => {
      const same = wanted[path]?.version === version && wanted[path]?.integrity === integrity;
      return same && existsSync(join(root, path, "package.json"));
    })
  );
}

function packagesOf(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {};
}

/** The environment without what `npm run` adds for the script it runs, which would steer the inner npm. */
function ownEnvironment() {
  const added =
    /^npm_(package|lifecycle|command|config_(?:global|omit|include|workspace|workspaces|local_prefix|dry_run)$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !added.test(name) && name !== "NODE_ENV"));
}
