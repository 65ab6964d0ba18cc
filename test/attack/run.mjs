// Bundles one of the attacks against the library's sources and runs it: `node test/attack/run.mjs fuzz ...`.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const [name, ...words] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "fct-attack-"));
const outfile = join(import.meta.dirname, `.${name}.${process.pid}.bundle.cjs`);
const clean = () => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(outfile, { force: true });
};
await build({
  entryPoints: [join(import.meta.dirname, `${name}.ts`)],
  outfile,
  bundle: true,
  packages: "external",
  platform: "node",
  logLevel: "warning",
});
const child = spawn(process.execPath, [outfile, ...words], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("close", (status, signal) => {
  clean();
  process.exitCode = status ?? (signal === null ? 1 : 130);
});
