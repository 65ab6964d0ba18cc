// tfjs-core's own specs on the native binding: `npm run test:binding`.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import Jasmine from "jasmine";

const root = fileURLToPath(new URL("../..", import.meta.url));
const core = join(root, "node_modules", "@tensorflow", "tfjs-core", "dist");
const backend = join(root, "node_modules", "@tensorflow", "tfjs-node-gpu");
process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";

/** One script: the backend, made the tested one and awake before the first spec, then tfjs-core's list of its specs. */
function entry() {
  return [
    `import * as native from ${JSON.stringify(backend)};`,
    `import ${JSON.stringify(join(core, "public/chained_ops/register_all_chained_ops.js"))};`,
    `import ${JSON.stringify(join(core, "register_all_gradients.js"))};`,
    `import { setTestEnvs } from ${JSON.stringify(join(core, "jasmine_util.js"))};`,
    `native.setBackend("tensorflow"); native.env().set("IS_TEST", true); native.backend();`,
    `setTestEnvs([{ name: "test-tensorflow", backendName: "tensorflow", isDataSync: true }]);`,
    `require(${JSON.stringify(join(core, "tests.js"))});`,
  ].join("\n");
}

/** What the backend's own test run leaves out, read from it: parts of the names of specs for what it does not offer. */
function leftOut() {
  const text = readFileSync(join(backend, "dist", "run_tests.js"), "utf8");
  const [, list] = /IGNORE_LIST = (\[.*?\n\]);/s.exec(text) ?? [];
  if (list === undefined) throw new Error("the list of specs left out is not in tfjs-node-gpu's dist/run_tests.js");
  return runInNewContext(list);
}

/** Failures that say nothing about the binding, with their cause. */
const known = new Map([
  [
    "round test-tensorflow {} int32",
    "TensorFlow 2.21's Round gives zeros for whole numbers on the CPU; nothing here rounds any",
  ],
]);

async function bundle(folder) {
  const outfile = join(folder, "specs.cjs");
  await build({
    stdin: { contents: entry(), resolveDir: root, loader: "js" },
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile,
    ignoreAnnotations: true,
    external: ["@tensorflow/tfjs-node-gpu", backend],
    logLevel: "error",
  });
  return outfile;
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), "binding-specs-"));
  try {
    const runner = new Jasmine({ projectBaseDir: folder });
    runner.exitOnCompletion = false;
    runner.jasmine.DEFAULT_TIMEOUT_INTERVAL = 30_000;
    runner.configureDefaultReporter({ showColors: false, print: () => {} });
    const results = [];
    runner.addReporter({ specDone: (result) => results.push(result) });
    runner.randomizeTests(false);
    const skipped = leftOut();
    runner.env.configure({ specFilter: (spec) => !skipped.some((part) => spec.getFullName().includes(part)) });
    createRequire(import.meta.url)(await bundle(folder));
    await quietly(() => runner.execute());
    report(results);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Some specs print what they measure. */
async function quietly(work) {
  const { log, warn } = console;
  Object.assign(console, { log: () => {}, warn: () => {} });
  await work();
  Object.assign(console, { log, warn });
}

function report(results) {
  const count = (status) => results.filter((result) => result.status === status).length;
  const failed = results.filter(({ status }) => status === "failed");
  for (const { fullName, failedExpectations } of failed) {
    console.log(`failed: ${fullName}\n        ${known.get(fullName) ?? failedExpectations[0]?.message.split("\n")[0]}`);
  }
  const unknown = failed.filter(({ fullName }) => !known.has(fullName));
  console.log(`left out: ${count("pending") + count("excluded")}, which this backend does not offer`);
  console.log(`known failures: ${failed.length - unknown.length}, explained above`);
  console.log(`${count("passed")} passed, ${unknown.length} failed`);
  if (unknown.length > 0 || count("passed") === 0) process.exitCode = 1;
}

await main();
