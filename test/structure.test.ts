import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../lib/core/paths";
import { doorsOf, openRooms, withLazyImports } from "./doors";

const library = join(projectRoot(), "lib");

interface Source {
  /** Path below lib/, without the ending. */
  readonly name: string;
  readonly text: string;
  /** The sources it imports or re-exports, as names. */
  readonly imports: readonly string[];
}

const sources = readdirSync(library, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !/^(dist|tf\/tfjs-node)\//.test(path))
  .map(sourceOf);

function sourceOf(path: string): Source {
  const text = readFileSync(join(library, path), "utf8");
  const statements = codeLines(text).matchAll(/^(?:import|export|\}).*?"(\.{1,2}\/[^"]+)";$/gm);
  const places = [...statements].map(([, place]) => place);
  const imports = places.map((place) => relative(library, join(library, dirname(path), place ?? "")));
  return { name: path.replace(/\.ts$/, ""), text, imports };
}

/** Without comments, which may show an import. */
function codeLines(text: string): string {
  return withLazyImports(text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, ""));
}

/** The layer of a source: the first folder of its path; the index is its own. */
const layerOf = (name: string): string => (name.includes("/") ? (dirname(name).split("/")[0] ?? "") : name);

/** The room of a source: its whole folder. */
const roomOf = (name: string): string => (name === "index" ? "index" : dirname(name));

/** Which layers the files of a layer may import. A name with a slash is a single file. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  statistics: ["core"],
  tf: ["core"],
  data: ["core", "tf", "files"],
  nn: ["core", "tf"],
  losses: ["core", "tf"],
  optim: ["core", "tf"],
  retrieval: ["core", "statistics", "tf"],
  training: ["core", "tf", "data", "nn", "losses", "optim"],
  adapters: ["core", "tf", "data", "nn", "losses", "optim", "retrieval", "training", "files"],
  gallery: ["core", "adapters", "retrieval", "files"],
  language: ["core", "tf", "data", "nn", "losses", "optim", "training", "files"],
  experiments: [
    "adapters",
    "core",
    "statistics",
    "tf",
    "data",
    "nn",
    "losses",
    "optim",
    "retrieval",
    "training",
    "language",
  ],
  tables: ["adapters", "core", "data", "nn", "experiments", "training", "language"],
  cluster: ["core", "tf", "experiments"],
  bench: ["core", "tf", "data", "nn", "losses", "optim", "retrieval", "training", "language", "files", "report"],
  own: ["core", "data", "experiments", "report"],
  claims: [
    "core",
    "statistics",
    "experiments/language/language-result",
    "experiments/language/update-samples",
    "experiments/results/intervals",
    "experiments/results/query-results",
    "experiments/results/result",
  ],
  report: [
    "core",
    "statistics",
    "claims",
    "experiments/results/query-results",
    "experiments/results/trials",
    "experiments/results/result",
    "experiments/results/result-file",
    "experiments/language/kinds/any-result-file",
    "experiments/language/language-result",
    "data/splits/dataset",
  ],
  files: ["core"],
  interop: ["core", "files"],
  cli: [
    "adapters",
    "cluster",
    "core",
    "tf",
    "data",
    "nn",
    "losses",
    "optim",
    "retrieval",
    "training",
    "experiments",
    "tables",
    "report",
    "bench",
    "files",
    "interop",
    "claims",
    "gallery",
    "language",
  ],
  index: [
    "adapters",
    "core",
    "data",
    "experiments",
    "files",
    "gallery",
    "language",
    "losses",
    "nn",
    "own",
    "report",
    "retrieval",
    "statistics",
    "tables",
    "tf",
    "training",
  ],
};

/**
 * The doors of every room: the files that other rooms import (the index, which re-exports, aside). A newcomer reads these first.
 * Add a door only when another room has to know the file.
 */
const doors: Readonly<Record<string, readonly string[]>> = {
  adapters: ["every file"],
  "adapters/pairs": ["linear-maps", "moments", "pairs"],
  bench: ["growths", "measurements", "report", "result", "run"],
  "bench/figures": ["growth", "ratio"],
  "bench/peers": ["peer-environment"],
  "bench/workloads": ["measurement"],
  "cli/backfill": ["curve", "order"],
  "cli/bundle": ["bundle", "description"],
  "cli/cluster": ["cluster", "plan", "step"],
  "cli/doctor": ["doctor"],
  "cli/evaluate": ["evaluate", "merge"],
  "cli/exchange": ["export", "import", "models"],
  "cli/gallery": ["gallery"],
  "cli/html": ["html"],
  "cli/learn": ["learn"],
  "cli/map": ["map"],
  "cli/options": ["choices", "command", "csv-lists", "numbers", "piped"],
  "cli/documents": ["datasets-figure", "notebook-numbers", "result-faults", "updates", "verify"],
  "cli/reproduce": ["compare-run", "dry-run", "execute-notebook", "reproduce", "reproduce-all"],
  core: ["every file"],
  "core/artifacts": ["obtain", "record", "safetensors", "step", "store"],
  "core/encoding": ["half", "protobuf"],
  "core/progress": ["interrupted", "time-left"],
  "core/input": ["crc32", "folder-entries", "json", "open-file", "zip"],
  data: ["batches", "dataset-size", "load-dataset"],
  "data/decoding": ["decode-image", "image-content", "messages", "pool", "square-image"],
  "data/fetching": ["archive-entries", "catalogue", "dataset-state", "get-dataset", "verified-file"],
  "data/images": ["augment", "colour", "crop", "normalisation", "resize"],
  "data/readers": ["every file"],
  "data/splits": ["class-selection", "content-hash", "dataset", "files-split", "memory-split", "validation"],
  claims: ["claim", "claims", "evidence", "verdict"],
  cluster: ["estimate", "marks", "plan", "program", "run-step"],
  experiments: ["as-chosen", "run", "run-options", "stored-result", "table", "table-work", "with-cache"],
  "experiments/language": [
    "language-model",
    "language-result",
    "language-result-file",
    "language-table",
    "language-work",
    "run-language-table",
    "update-samples",
  ],
  "experiments/language/kinds": ["any-result-file", "any-run", "any-table"],
  "experiments/model": ["construct", "describe", "imported", "model", "usual-transformation"],
  "files/tables": ["table", "table-at", "vectors"],
  gallery: ["backfill", "gallery", "quality", "quality-curve"],
  interop: ["from-torch", "onnx", "resnet-names", "torch-file", "transformation-names"],
  "experiments/results": ["every file"],
  "experiments/steps": [
    "artifacts",
    "backfill",
    "cost",
    "embedding",
    "evaluation",
    "image-training",
    "measurement",
    "query-results",
    "training",
  ],
  files: ["every file"],
  "language/checkpoint": ["checkpoint"],
  "language/decoder": ["adapter", "decoder", "decoder-form", "rotary"],
  "language/evaluation": ["answers"],
  "language/tasks": ["task", "task-sample"],
  "language/texts": ["text-archive", "token-stream", "utf8"],
  "language/tokens": ["byte-pairs", "imported-tokenizer", "stored-merges", "tokenizer-file"],
  "language/training": ["adapter-training", "objective", "pretraining", "sequences"],
  losses: ["every file"],
  nn: ["every file"],
  "nn/networks": ["every file"],
  optim: ["optimizer", "schedule", "update"],
  report: ["documents", "markdown", "prose-numbers", "save-figure", "save-result"],
  "report/claims": ["claims-markdown", "trials-markdown", "verdict-json", "verdict-text"],
  "report/figures": ["curve", "datasets", "detail", "flips", "gap", "loss", "matrix", "table"],
  "report/figures/parts": [
    "curve-groups",
    "detail-columns",
    "image-grid",
    "left-out",
    "loss-groups",
    "matrix-page",
    "off-scale",
    "scatter-legend",
    "trend-series",
  ],
  "report/plot": ["every file"],
  "report/render": ["render"],
  "report/terminal": ["comparison", "comparison-text", "result-text", "text-table"],
  "report/text": ["columns", "frame", "markdown-table", "result-lines", "rows", "text"],
  retrieval: ["every file"],
  "retrieval/engine": ["search"],
  "retrieval/engine/kept": ["between-searches"],
  "retrieval/engine/mixing": ["backfill-job", "mixed-gallery"],
  "retrieval/engine/nearest": ["crowded", "nearest-job"],
  "retrieval/engine/ranking": ["evaluation-job", "rank-by-parts"],
  "retrieval/engine/scores": ["bins", "block", "blocks", "exact-distances", "memory"],
  "retrieval/engine/threads": ["share-out"],
  "retrieval/shards": ["merge-shards", "nearest-lists", "relevant-items", "shard-search"],
  "retrieval/metrics": ["at-k", "query-metrics", "scaled-rows", "squared-distance"],
  statistics: ["every file"],
  tables: ["on-datasets", "tables"],
  "tables/maps": ["adapters", "transformation"],
  "tables/recipes": ["base", "language", "paper", "photographs", "recipes"],
  "tables/shared": ["muscle-reported", "queue", "reported", "shared-models", "stored-models"],
  tf: ["backend", "device", "hooks", "native", "optimizer-ops", "tensorflow", "tensors"],
  "tf/graph": ["doubles", "precision", "runner"],
  training: ["every file"],
  "training/loop": ["batches", "fit", "not-captured", "requirements", "training-step"],
};

/** Exports that only tests import: seams that make a hard case reachable. */
const seams: readonly string[] = [
  "invertedResidual",
  "invertedResiduals",
  "poolSize",
  "shapeDistance",
  "stableSvg",
  "startDecodePool",
  "symmetricEigen",
];

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** The first cycle of a graph; null if there is none. */
function cycleIn(targets: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const from = (name: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return null;
    for (const target of targets.get(name) ?? []) {
      const found = from(target, [...path, name]);
      if (found !== null) return found;
    }
    done.add(name);
    return null;
  };
  for (const name of targets.keys()) {
    const found = from(name, []);
    if (found !== null) return found;
  }
  return null;
}

/** Text without comments and without the contents of strings. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replace(/^([^`\n]*?)\/\/.*$/gm, "$1");
}

const filesWhere = (matches: (source: Source) => boolean): readonly string[] =>
  sources.filter(matches).map(({ name }) => name);

describe("imports", () => {
  test("point one way", () => {
    const wrong = sources.flatMap(({ name, imports }) =>
      imports
        .filter((target) => {
          const allowed = arrows[layerOf(name)] ?? [];
          return layerOf(target) !== layerOf(name) && !allowed.includes(layerOf(target)) && !allowed.includes(target);
        })
        .map((target) => `${name} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("name files that exist, in folders that the arrows know", () => {
    const names = new Set(sources.map(({ name }) => name));
    const missing = sources.flatMap(({ imports }) => imports.filter((target) => !names.has(target)));
    expect(missing).toEqual([]);
    expect([...new Set(sources.map(({ name }) => layerOf(name)))].sort()).toEqual(Object.keys(arrows).sort());
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(200);
  });

  test("make no cycle of files", () => {
    expect(cycleIn(new Map(sources.map(({ name, imports }) => [name, imports])))).toBeNull();
  });

  test("make no cycle of rooms", () => {
    const rooms = new Map<string, string[]>();
    for (const { name, imports } of sources) {
      const others = imports.map(roomOf).filter((room) => room !== roomOf(name));
      rooms.set(roomOf(name), [...(rooms.get(roomOf(name)) ?? []), ...others]);
    }
    expect(cycleIn(rooms)).toBeNull();
  });

  test("from outside a room go through its doors", () => {
    const found = Object.entries(doorsOf()).filter(([, files]) => files.length > 0);
    expect(Object.fromEntries(found)).toEqual(doors);
  });

  test("of the data by the report are of types", () => {
    const takesMore = /^import (?!type\b)[^;]*from "(?:\.\.\/)+data\//m;
    expect(filesWhere(({ name, text }) => layerOf(name) === "report" && takesMore.test(text))).toEqual([]);
  });

  test("of TensorFlow are one", () => {
    expect(filesWhere(({ text }) => /(from|require\(|import\() ?"@tensorflow/.test(text))).toEqual(["tf/tensorflow"]);
  });
});

describe("rooms", () => {
  test("have few doors to strangers, but for rooms whose every file is a word of the field", () => {
    const isNeighbour = (room: string, other: string): boolean =>
      other === "index" || other === dirname(room) || other.startsWith(`${room}/`);
    const crowded = Object.entries(doors).filter(([room, files]) => {
      const strangers = sources.filter(({ name }) => roomOf(name) !== room && !isNeighbour(room, roomOf(name)));
      const used = files.filter((file) => strangers.some(({ imports }) => imports.includes(`${room}/${file}`)));
      return used.length > 5 && !openRooms.includes(room);
    });
    expect(crowded.map(([room]) => room)).toEqual([]);
  });

  test("hold at most 15 files, of at most 200 lines each", () => {
    const full = [...grouped(sources, ({ name }) => roomOf(name))].filter(([, files]) => files.length > 15);
    expect(full.map(([room]) => room)).toEqual([]);
    expect(filesWhere(({ text }) => text.split("\n").length > 201)).toEqual([]);
  });
});

describe("exported names", () => {
  // The engine's AssemblyScript exports what becomes WebAssembly.
  const exported = sources
    .filter(({ name }) => name !== "index" && !name.includes("/simd/"))
    .flatMap(({ name, text }) => exportsOf(text).map((word) => ({ name, word })));

  test("are declared once in the library", () => {
    const places = grouped(exported, ({ word }) => word);
    expect([...places].filter(([, found]) => found.length > 1).map(([word]) => word)).toEqual([]);
    expect(places.size).toBeGreaterThan(200);
  });

  test("are imported by the library, but for a few that tests need", () => {
    const taken = new Set(sources.flatMap(({ name, text }) => importedNames(name, text)));
    const values = exported.filter(({ word }) => /^[a-z]/.test(word));
    const idle = values.filter(({ name, word }) => !taken.has(`${name}#${word}`)).map(({ word }) => word);
    expect(idle.toSorted()).toEqual(seams.toSorted());
    expect(seams.length).toBeLessThanOrEqual(10);
  });
});

function exportsOf(text: string): readonly string[] {
  const declared = /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;
  // A function with several signatures is one name.
  return [...new Set([...text.matchAll(declared)].map(([, word]) => word ?? ""))];
}

/** What a source imports or re-exports from the library, each as "file#name". */
function importedNames(name: string, text: string): readonly string[] {
  const statements = codeLines(text).matchAll(/^(?:import|export) (?:type )?\{([^}]*)\} from "(\.[^"]+)";$/gm);
  return [...statements].flatMap(([, words = "", place = ""]) => {
    const target = relative(library, join(library, dirname(`${name}.ts`), place));
    return words.split(",").map(
      (word) =>
        `${target}#${word
          .trim()
          .replace(/^type /, "")
          .replace(/ as \w+$/, "")}`,
    );
  });
}

test("comments are at most 100 columns wide", () => {
  const wide = sources.flatMap(({ name, text }) =>
    text
      .split("\n")
      .flatMap((line, index) => (/^\s*(\/\/|\/?\*)/.test(line) && line.length > 100 ? [`${name}:${index + 1}`] : [])),
  );
  expect(wide).toEqual([]);
});

test("the index re-exports and does nothing else", () => {
  const index = sources.find(({ name }) => name === "index")?.text ?? "";
  const statements = index
    .replace(/^\/\/.*$/gm, "")
    .split(";")
    .map((statement) => statement.trim());
  for (const statement of statements.filter((text) => text !== "")) {
    expect(statement).toMatch(/^export (type )?\{[^}]*\} from "\.\/[^"]+"$/);
  }
});

describe("no file", () => {
  test("has a default export", () => {
    expect(filesWhere(({ text }) => /\bexport default\b|\bas default\b/.test(codeOf(text)))).toEqual([]);
  });

  test("but the index is a barrel", () => {
    expect(filesWhere(({ name, text }) => name !== "index" && /^export [*{].*\bfrom ""/m.test(codeOf(text)))).toEqual(
      [],
    );
  });

  test("is called utils, helpers or common", () => {
    expect(filesWhere(({ name }) => /^(utils?|helpers?|common|misc)$/.test(basename(name)))).toEqual([]);
  });

  test("has a name that is not in kebab case", () => {
    expect(filesWhere(({ name }) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(basename(name)))).toEqual([]);
  });

  test("says any, or asserts with an exclamation mark that something is there", () => {
    expect(filesWhere(({ text }) => /[:<,|&(]\s*any\b|\bas any\b/.test(codeOf(text)))).toEqual([]);
    expect(filesWhere(({ text }) => /[\w)\]]!(?=[.;,)\]\s[])(?!\s*==?)/.test(codeOf(text)))).toEqual([]);
  });

  test("reads a clock, a setting or the working directory but those whose business it is", () => {
    const mayRead =
      /^(cli\/.*|bench\/.*|core\/(paths|environment|progress|progress\/time-left|artifacts\/(in-turn|obtain))|tf\/quiet)$/;
    const reads = /\bprocess\.(env|cwd|hrtime|uptime)\b|\bnew Date\(\)|\bDate\.now\b|\bperformance\.now\b/;
    // A speed or a time left is shown and never stored, but for the table of costs, which is about speed; a child process is handed
    // the surroundings it needs; a thread waits for others no longer than it says; a backfill stops when its seconds are spent.
    const known = [
      "training/loop/fit",
      "tf/device",
      "retrieval/engine/threads/share-out",
      "experiments/run-options",
      "experiments/steps/throughput",
      "gallery/backfill",
      "report/render/kaleido",
    ];
    const readers = filesWhere(({ name, text }) => !mayRead.test(name) && reads.test(codeOf(text)));
    expect(readers.toSorted()).toEqual(known.toSorted());
  });

  test("draws numbers that no seed names", () => {
    expect(
      filesWhere(({ text }) => /\bMath\.random\b|\btf\.(random\w+|truncatedNormal|dropout)\b/.test(codeOf(text))),
    ).toEqual([]);
  });
});
