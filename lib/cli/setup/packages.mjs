import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

/** node_modules as in package-lock.json, without running the packages' install scripts. */
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
  // `npm run` tells which npm runs; it need not be on the path.
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

/** Whether npm has completely installed what the lock file asks for. */
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

/** The environment without the variables that `npm run` sets, which would affect the inner npm. */
function ownEnvironment() {
  const added =
    /^npm_(package|lifecycle|command|config_(?:global|omit|include|workspace|workspaces|local_prefix|dry_run)$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !added.test(name) && name !== "NODE_ENV"));
}
