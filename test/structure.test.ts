import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../lib/core/paths";

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
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

const folderOf = (name: string): string => (name.includes("/") ? (dirname(name).split("/")[0] ?? "") : name);

/** Whom the files of a folder may import, besides their own folder. A name with a slash is a single file. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  tf: ["core"],
  data: ["core", "tf"],
  nn: ["core", "tf"],
  losses: ["core", "tf"],
  optim: ["core", "tf"],
  retrieval: ["core", "tf"],
  training: ["core", "tf", "data", "nn", "losses", "optim"],
  experiments: ["core", "tf", "data", "nn", "losses", "optim", "retrieval", "training"],
  tables: ["core", "data", "nn", "experiments", "training"],
  bench: ["core", "tf", "data", "nn", "losses", "optim", "retrieval", "training", "files", "report"],
  report: ["core", "experiments/results/result", "experiments/results/result-file", "data/splits/dataset"],
  files: ["core"],
  interop: ["core"],
  cli: [
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
  ],
  index: ["core", "data", "experiments", "report", "retrieval", "tables"],
};

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
          const allowed = arrows[folderOf(name)] ?? [];
          return (
            folderOf(target) !== folderOf(name) && !allowed.includes(folderOf(target)) && !allowed.includes(target)
          );
        })
        .map((target) => `${name} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("name files that exist, in folders that the arrows know", () => {
    const names = new Set(sources.map(({ name }) => name));
    const missing = sources.flatMap(({ imports }) => imports.filter((target) => !names.has(target)));
    expect(missing).toEqual([]);
    expect([...new Set(sources.map(({ name }) => folderOf(name)))].sort()).toEqual(Object.keys(arrows).sort());
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(200);
  });

  test("make no cycle", () => {
    const targets = new Map(sources.map(({ name, imports }) => [name, imports]));
    const done = new Set<string>();
    const cycle = (name: string, path: readonly string[]): readonly string[] | null => {
      if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
      if (done.has(name)) return null;
      for (const target of targets.get(name) ?? []) {
        const found = cycle(target, [...path, name]);
        if (found !== null) return found;
      }
      done.add(name);
      return null;
    };
    for (const { name } of sources) expect(cycle(name, []), "a cycle of imports").toBeNull();
  });

  test("of the data by the report are of types", () => {
    const takesMore = /^import (?!type\b)[^;]*from "(?:\.\.\/)+data\//m;
    expect(filesWhere(({ name, text }) => folderOf(name) === "report" && takesMore.test(text))).toEqual([]);
  });

  test("of TensorFlow are one", () => {
    expect(filesWhere(({ text }) => /(from|require\(|import\() ?"@tensorflow/.test(text))).toEqual(["tf/tensorflow"]);
  });
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
    const mayRead = /^(cli\/.*|bench\/.*|core\/(paths|environment|progress|step)|tf\/quiet)$/;
    const reads = /\bprocess\.(env|cwd|hrtime|uptime)\b|\bnew Date\(\)|\bDate\.now\b|\bperformance\.now\b/;
    // A speed or a time left is shown and never stored, but for the table of costs, which is about speed; a child process is handed
    // the surroundings it needs; a thread waits for others no longer than it says.
    const known = [
      "training/fit",
      "tf/device",
      "retrieval/threads/share-out",
      "experiments/run-options",
      "experiments/steps/throughput",
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
