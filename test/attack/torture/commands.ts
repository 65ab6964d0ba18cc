import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../lib/core/hash";
import { projectRoot } from "../../../lib/core/paths";
import { random } from "../../../lib/core/random";
import type { PublishedDataset } from "../../../lib/data/fetching/published-dataset";
import { storedTransformation, writeMatrix } from "../../cli/small-transformation";
import { tarGz } from "../../data/fetching/archives";
import { toyTable } from "../../experiments/toy-table";
import { normalRows } from "../../retrieval/normal-rows";
import { filesIn, started, type TorturedCommand } from "./command";

const root = projectRoot();
const dist = join(root, "lib", "dist");

/** Removes the files that are chosen among those of a folder below `folder`. */
function remove(folder: string, below: string, chosen: (name: string) => boolean): void {
  for (const name of filesIn(join(folder, below))) if (chosen(name)) rmSync(join(folder, below, name), { force: true });
}

const { rows: toyRows, ...toyDeclaration } = toyTable;
const rows = toyRows("tiny", 0).filter(({ id }) => ["old-old", "fct-none", "new-new"].includes(id));

/** A table in small, run as a notebook runs it; the result without its times is written at the end. */
const tableProgram = `
  const { runTable } = require(${JSON.stringify(join(dist, "experiments/run.js"))});
  const { writeAtomically } = require(${JSON.stringify(join(dist, "core/artifacts/store.js"))});
  const table = { ...${JSON.stringify(toyDeclaration)}, rows: () => ${JSON.stringify(rows)} };
  runTable(table, { scale: "tiny", seeds: 1, compute: true, progress: "log" }).then(({ run, ...result }) => {
    writeAtomically(process.env.FCT_RESULTS + "/toy.json", JSON.stringify(result));
  });`;

const reproduce: TorturedCommand = {
  name: "reproduce",
  aims: { kills: 100, flips: 700, deletions: 500, together: 3600 },
  prepare: (folder) => void mkdirSync(join(folder, "cache"), { recursive: true }),
  start: (folder) =>
    started(["-e", tableProgram], { FCT_CACHE: join(folder, "cache"), FCT_RESULTS: join(folder, "results") }),
  watched: "cache",
  isOutput: (name) => /\.safetensors$|^results\//.test(name),
  mayStay: (name) => name.startsWith("cache/"),
  mayFlip: (name) => name.startsWith("cache/"),
  flipped: "any time",
  mayRemove: (name) => /^cache\/.*\.(safetensors|json)$/.test(name),
  isFinished: () => false,
  atWork: null,
  repair: () => {},
  undo: (folder, leaveOut) => {
    remove(folder, "cache", leaveOut);
    rmSync(join(folder, "results"), { recursive: true, force: true });
  },
};

/** Rows enough for some checkpoints. */
const mappedRows = 400_000;

const map: TorturedCommand = {
  name: "map",
  aims: { kills: 300, flips: 150, deletions: 0, together: 300 },
  prepare: (folder) => {
    mkdirSync(join(folder, "in"));
    mkdirSync(join(folder, "out"));
    storedTransformation(join(folder, "in"), mappedRows);
  },
  start: (folder) => {
    const path = (name: string): string => join(folder, "in", name);
    const words = ["--weights", path("h.safetensors"), "--old", path("old.npy"), "--side", path("side.npy")];
    return started([join(dist, "cli/fct.js"), "map", ...words, "--out", join(folder, "out", "new.npy")], {});
  },
  watched: "out",
  isOutput: (name) => name.startsWith("out/"),
  mayStay: () => false,
  mayFlip: (name) => name.startsWith("out/new.npy.partial"),
  flipped: "unfinished",
  mayRemove: () => false,
  isFinished: (folder) => filesIn(join(folder, "out")).join() === "new.npy",
  atWork: /at work|exists|there already|--force/,
  repair: (folder) => remove(folder, "out", () => true),
  undo: (folder) => remove(folder, "out", () => true),
};

const learn: TorturedCommand = {
  name: "learn",
  aims: { kills: 200, flips: 50, deletions: 0, together: 100 },
  prepare: (folder) => {
    mkdirSync(join(folder, "in"));
    mkdirSync(join(folder, "out"));
    writeMatrix(join(folder, "in", "old.npy"), normalRows("old", 2000, 12));
    writeMatrix(join(folder, "in", "new.npy"), normalRows("new", 2000, 8));
  },
  start: (folder) => {
    const words = ["--old", join(folder, "in", "old.npy"), "--new", join(folder, "in", "new.npy"), "--epochs", "12"];
    const out = join(folder, "out", "h.safetensors");
    return started([join(dist, "cli/fct.js"), "learn", ...words, "--inner", "128", "--batch", "256", "--out", out], {});
  },
  watched: "out",
  isOutput: (name) => name.startsWith("out/"),
  mayStay: () => false,
  mayFlip: (name) => name === "out/h.safetensors.partial",
  flipped: "unfinished",
  mayRemove: () => false,
  isFinished: (folder) => filesIn(join(folder, "out")).toSorted().join() === "h.card.json,h.safetensors",
  atWork: /at work|exists|there already|--force/,
  repair: (folder) => remove(folder, "out", () => true),
  undo: (folder) => remove(folder, "out", () => true),
};

const parts = Array.from({ length: 60 }, (_, i) => `part-${i}.bin`);

/** Packed once, since a tar archive holds the time. */
let packedOnce: Promise<Buffer> | null = null;

function archive(): Promise<Buffer> {
  const draw = random("torture", "archive");
  const content = (): string => Array.from({ length: 1500 }, () => draw.integer(2 ** 30).toString(36)).join("");
  packedOnce ??= tarGz(parts.map((name) => ({ name: `top/${name}`, content: content() })));
  return packedOnce;
}

/** The dataset of the archive in the folder's mirror. */
function published(packed: Uint8Array): PublishedDataset {
  const file = { name: "a.tar.gz", url: null, bytes: packed.length, sha256: sha256(packed), format: "tar.gz" } as const;
  const unpacked = { entries: 100, bytes: 10_000_000 };
  const source = { kind: "fetched", files: [file], topFolder: "top", unpacked } as const;
  return { title: "Example", home: "nowhere", terms: "none", source, expects: parts };
}

const dataGet: TorturedCommand = {
  name: "data get",
  aims: { kills: 400, flips: 100, deletions: 0, together: 300 },
  prepare: async (folder) => {
    const packed = await archive();
    for (const name of ["committed", "mirror", "kept"]) mkdirSync(join(folder, name));
    for (const name of ["mirror", "kept"]) writeFileSync(join(folder, name, "a.tar.gz"), packed);
    writeFileSync(join(folder, "kept", "dataset.json"), JSON.stringify(published(packed)));
  },
  start: (folder) => {
    const program = `
      const { getDataset } = require(${JSON.stringify(join(dist, "data/fetching/get-dataset.js"))});
      const dataset = require(${JSON.stringify(join(folder, "kept", "dataset.json"))});
      const places = ${JSON.stringify({ committed: join(folder, "committed"), fetched: join(folder, "fetched"), mirror: join(folder, "mirror") })};
      getDataset("example", dataset, { places, note: () => {}, progress: () => () => {} });`;
    return started(["-e", program], {});
  },
  watched: "fetched",
  isOutput: (name) => /^(fetched|mirror|kept)\//.test(name),
  mayStay: () => false,
  mayFlip: (name) => name === "mirror/a.tar.gz",
  flipped: "inputs",
  mayRemove: () => false,
  isFinished: () => false,
  atWork: /is at work here/,
  repair: (folder) => {
    rmSync(join(folder, "fetched", "example"), { recursive: true, force: true });
    cpSync(join(folder, "kept", "a.tar.gz"), join(folder, "mirror", "a.tar.gz"));
  },
  undo: (folder) => rmSync(join(folder, "fetched"), { recursive: true, force: true }),
};

/** What set-up does with the part that compiles the library, under its lock. */
const setupProgram = `
  import { distPart } from ${JSON.stringify(join(root, "lib/cli/setup/dist.mjs"))};
  import { underLock } from ${JSON.stringify(join(root, "lib/cli/setup/lock.mjs"))};
  import { isFresh, removeStamp, writeStamp } from ${JSON.stringify(join(root, "lib/cli/setup/stamp.mjs"))};
  const clone = process.env.FCT_CLONE;
  await underLock(clone + "/.setup.lock", "python3", async (lock) => {
    if (isFresh(distPart, clone)) return;
    removeStamp(distPart, clone);
    await distPart.build({ root: clone, lock });
    writeStamp(distPart, clone);
  });`;

const setup: TorturedCommand = {
  name: "set-up",
  aims: { kills: 200, flips: 50, deletions: 100, together: 300 },
  prepare: (folder) => {
    const simd = "lib/retrieval/engine/simd";
    cpSync(join(root, simd), join(folder, simd), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    for (const name of ["tsconfig.json", "package-lock.json"])
      writeFileSync(join(folder, name), readFileSync(join(root, name)));
    for (const name of ["one", "two", "three"])
      writeFileSync(join(folder, "lib", `${name}.ts`), `export const ${name}: string = "${name}";\n`);
  },
  start: (folder) => started(["--input-type=module", "-e", setupProgram], { FCT_CLONE: folder }),
  watched: "lib/dist",
  isOutput: (name) => name.startsWith("lib/dist/"),
  mayStay: () => false,
  mayFlip: (name) => name === "lib/dist/.dist.stamp",
  flipped: "any time",
  mayRemove: (name) => /^lib\/dist\/.*(\.js|\.stamp)$/.test(name),
  isFinished: () => false,
  atWork: null,
  repair: () => {},
  undo: (folder, leaveOut) => remove(folder, "lib/dist", (name) => name.endsWith(".js") && leaveOut(name)),
};

/** Commands that join the list are tortured from then on. */
export const torturedCommands: readonly TorturedCommand[] = [reproduce, map, learn, dataGet, setup];
