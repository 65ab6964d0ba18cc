// tfjs-core's own specs on the native binding: `npm run test:binding`.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import Jasmine from "jasmine";

const root = fileURLToPath(new URL("../..", import.meta.url));
const core = join(root, "node_modules", "@tensorflow", "tfjs-core", "dist");
const backend = join(root, "node_modules", "@tensorflow", "tfjs-node-gpu");
process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";

/** The specs of tfjs-core, without those of its own test tools and of other backends. */
function specFiles() {
  const names = readdirSync(core, { recursive: true }).filter((name) => name.endsWith("_test.js"));
  return names.filter((name) => !name.startsWith(`platforms${sep}`)).sort();
}

/** One script: the backend, made the tested one and awake before the first spec, then every spec. */
function entry() {
  return [
    `import * as native from ${JSON.stringify(backend)};`,
    `import ${JSON.stringify(join(core, "public/chained_ops/register_all_chained_ops.js"))};`,
    `import ${JSON.stringify(join(core, "register_all_gradients.js"))};`,
    `import { setTestEnvs } from ${JSON.stringify(join(core, "jasmine_util.js"))};`,
    `native.setBackend("tensorflow"); native.env().set("IS_TEST", true); native.backend();`,
    `setTestEnvs([{ name: "tensorflow", backendName: "tensorflow", isDataSync: true }]);`,
    ...specFiles().map((name) => `require(${JSON.stringify(join(core, name))});`),
  ].join("\n");
}

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
    createRequire(import.meta.url)(await bundle(folder));
    await runner.execute();
    report(results);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(results) {
  const count = (status) => results.filter((result) => result.status === status).length;
  for (const { fullName, failedExpectations } of results.filter(({ status }) => status === "failed")) {
    console.log(`failed: ${fullName}\n        ${failedExpectations[0]?.message.split("\n")[0]}`);
  }
  console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("pending") + count("excluded")} skipped`);
  if (count("failed") > 0 || count("passed") === 0) process.exitCode = 1;
}

await main();
