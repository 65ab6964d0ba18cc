// A bundle on a machine that has nothing: npm run test:bundle. Packs this clone, unpacks it in an empty root folder without
// network, devices or environment, computes a table there, and compares the bytes with those computed here.
//
//   npm run test:bundle -- [TABLE] [--cuda]     (the table is overview by default; FCT_CACHE may hold what is computed here)
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const clone = fileURLToPath(new URL("../..", import.meta.url));
const program = join(clone, "lib", "dist", "cli", "fct.js");
const words = process.argv.slice(2);
const cuda = words.includes("--cuda");
const table = words.find((word) => !word.startsWith("--")) ?? "overview";
/** What unpack.sh says that it needs, and what any POSIX machine has. */
const programs = ["sh", "tar", "gzip", "sha256sum", "uname", "sed", "cut", "tr", "tail", "head", "df", "cat", "mkdir"];
const more = ["ls", "chmod", "grep", "sort", "find", "ln", "env", "rm"];
/** Where the loader of this machine looks. */
const libraries = "lib/x86_64-linux-gnu";

const work = mkdtempSync(join(process.env.FCT_BUNDLE_TRIAL ?? tmpdir(), "fct-bundle-trial-"));
try {
  trial();
} finally {
  rmSync(work, { recursive: true, force: true });
}

function trial() {
  const bundle = join(work, "root", "bundle");
  emptyRoot(join(work, "root"));
  say(`packing into ${bundle} ...`);
  here(["bundle", "--out", bundle, ...(cuda ? ["--cuda"] : [])]);
  refusesDamage(bundle);
  say("unpacking in an empty root without network ...");
  demand(inside(["/bin/sh", "/bundle/unpack.sh", "/fct"]), "unpack.sh");
  rmSync(bundle, { recursive: true });
  say(`computing table ${table} there ...`);
  demand(inside(["/fct/bin/fct", "reproduce", "--table", table]), `table ${table} in the bundle`);
  say(`computing table ${table} here ...`);
  const results = join(work, "results");
  here(["reproduce", "--table", table, "--numbers"], { FCT_RESULTS: results });
  compare(join(work, "root", "fct", "project", "results", "run"), results);
}

/** A folder with a few programs, the libraries that they need, and nothing else. */
function emptyRoot(root) {
  for (const folder of ["bin", "lib64", libraries, "proc", "dev", "tmp"])
    mkdirSync(join(root, folder), { recursive: true });
  const loader = "/lib64/ld-linux-x86-64.so.2";
  const needed = new Set();
  for (const name of [...programs, ...more]) {
    const path = realpathSync(execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim());
    copyFileSync(path, join(root, "bin", name));
    for (const library of librariesOf(path)) needed.add(library);
  }
  // What Node and TensorFlow need of the C library.
  const parts = [
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "libresolv.so.2",
  ];
  for (const name of parts) needed.add(join("/", libraries, name));
  for (const library of needed)
    if (existsSync(library)) copyFileSync(library, join(root, libraries, basename(library)));
  copyFileSync(loader, join(root, loader));
}

function librariesOf(path) {
  const { stdout } = spawnSync("ldd", [path], { encoding: "utf8" });
  return [...stdout.matchAll(/=> (\/\S+)/g)].map(([, library]) => library);
}

/** Runs a program in the empty root, without network and with an environment of a PATH alone. */
function inside(command) {
  const root = join(work, "root");
  const script = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" /bin/env -i "$@"';
  const own = ["PATH=/bin", "TMPDIR=/tmp", "HOME=/tmp"];
  const spaces = ["--map-root-user", "--net", "--mount", "--pid", "--fork"];
  const { status } = spawnSync("unshare", [...spaces, "sh", "-c", script, root, ...own, ...command], {
    stdio: "inherit",
  });
  return status;
}

function here(command, environment = {}) {
  const { status } = spawnSync(process.execPath, [program, ...command], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...environment },
  });
  demand(status, `fct ${command[0]}`);
}

/** A byte is changed, and must be noticed. */
function refusesDamage(bundle) {
  const path = join(bundle, "part-002");
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path, bytes);
  const { status, stderr } = spawnSync("sh", [join(bundle, "unpack.sh"), join(work, "damaged")], { encoding: "utf8" });
  if (status !== 1 || !/damaged.*: part-002;/.test(stderr)) stop(`a damaged part was not named: ${stderr}`);
  say(`refused: ${stderr.trim()}`);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path, bytes);
}

/** Equal files, but for when and where the numbers were computed. */
function compare(there, ours) {
  const names = filesUnder(ours);
  if (names.length === 0) stop(`nothing was computed in ${ours}`);
  for (const name of names) {
    const [one, other] = [there, ours].map((folder) => contentOf(join(folder, name)));
    if (!one.equals(other)) stop(`${name} differs`);
    say(`equal: ${name}, ${one.length} bytes`);
  }
  const numbers = join(there, "quick", `${table}.json`);
  const { environment } = JSON.parse(readFileSync(numbers, "utf8")).run;
  const { commit } = JSON.parse(readFileSync(join(work, "root/fct/project/bundle.json"), "utf8"));
  if (environment.commit !== commit) stop(`${numbers} says commit ${environment.commit}, the bundle ${commit}`);
  say(`table ${table}: computed in the bundle, equal to the byte`);
}

function contentOf(path) {
  if (!existsSync(path)) stop(`${path} is missing`);
  const bytes = readFileSync(path);
  if (path.endsWith(".md")) return Buffer.from(bytes.toString().replace(/^Run of .*$/m, ""));
  if (!path.endsWith(".json")) return bytes;
  const { run: _run, ...result } = JSON.parse(bytes.toString());
  return Buffer.from(JSON.stringify(result));
}

function filesUnder(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1));
}

function demand(status, what) {
  if (status !== 0) stop(`${what} failed (status ${status})`);
}

function say(text) {
  console.log(`test:bundle: ${text}`);
}

function stop(why) {
  rmSync(work, { recursive: true, force: true });
  console.error(`test:bundle: ${why}`);
  process.exit(1);
}
