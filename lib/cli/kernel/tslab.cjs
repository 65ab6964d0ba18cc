// The version of tslab that the kernel builds on, and its view of TypeScript.
const { writeSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join, resolve } = require("node:path");

// What the kernel replaces are internals of this version.
const TSLAB_VERSION = "1.0.22";
const root = resolve(__dirname, "..", "..", "..");
const home = join(root, "node_modules", "tslab");

requireVersion();

/** Ends the process with a line that says so if another version of tslab is installed. */
function requireVersion() {
  const { version } = require(join(home, "package.json"));
  if (version === TSLAB_VERSION) return;
  writeSync(2, `the kernel needs tslab ${TSLAB_VERSION}, and ${version} is installed: run npm ci\n`);
  process.exit(1);
}

const requireOf = createRequire(join(home, "dist", "main.js"));

/** TypeScript as tslab brings it along. */
const typescriptPath = requireOf.resolve("@tslab/typescript-for-tslab");

module.exports = { root, requireOf, typescriptPath };
