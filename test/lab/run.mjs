// The tests of the notebooks in JupyterLab, in a real browser: npm run test:lab. What drives the browser is installed into
// this folder on first use, so that nobody else pays for it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startVitest } from "vitest/node";

const here = import.meta.dirname;
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

process.env.CHROMIUM = browser();
installDriver();
const filters = process.argv.slice(2);
const vitest = await startVitest("test", filters, {
  include: ["test/lab/*.lab.ts"],
  watch: false,
  testTimeout: 600_000,
  hookTimeout: 600_000,
});
await vitest.close();

/** The path of a browser: the one that CHROMIUM names, or one on PATH. */
function browser() {
  const { CHROMIUM, PATH = "" } = process.env;
  if (CHROMIUM !== undefined && existsSync(CHROMIUM)) return CHROMIUM;
  if (CHROMIUM !== undefined) stop(`CHROMIUM names ${CHROMIUM}, which is not there`);
  const places = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return places.find((place) => existsSync(place)) ?? stop(`none of ${names.join(", ")} is on PATH`);
}

function stop(reason) {
  console.error(`test:lab needs Chromium, but ${reason}. Install it (Debian and Ubuntu: apt install chromium), or set`);
  console.error("CHROMIUM to the path of one that you have.");
  process.exit(1);
}

function installDriver() {
  const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  const current = Object.entries(dependencies).every(([name, version]) => installedVersion(name) === version);
  if (current) return;
  const { status } = spawnSync("npm", ["ci", "--prefix", here], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function installedVersion(name) {
  const path = join(here, "node_modules", name, "package.json");
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).version : null;
}
