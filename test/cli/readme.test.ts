import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readmeCommand } from "../../lib/cli/readme";
import { projectRoot } from "../../lib/core/paths";
import { resultJson } from "../../lib/experiments/results/result-file";
import { madeUpResult } from "../report/made-up-result";
import { temporaryFolder } from "../temporary-folder";

let logged: string[] = [];

beforeEach(() => {
  logged = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void logged.push(line));
});

afterEach(() => {
  vi.restoreAllMocks();
});

const readme = "# Title\n\n<!-- summary quick/main -->\nold\n<!-- end -->\n\nThe end.\n";
const results = "All:\n\n<!-- results quick -->\n<!-- end -->\n";
const bench = "No section here.\n";

/** A folder with the four documents and the results of two tables at the quick scale. */
function projectFolder(): string {
  const folder = temporaryFolder();
  for (const table of ["losses", "main"]) {
    write(folder, `results/quick/${table}.json`, resultJson({ ...madeUpResult, table, title: `Table of ${table}` }));
  }
  write(folder, "README.md", readme);
  write(folder, "results/README.md", results);
  write(folder, "lib/README.md", bench);
  write(folder, "lib/bench/README.md", bench);
  return folder;
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const read = (folder: string, path: string): string => readFileSync(join(folder, path), "utf8");
const update = async (folder: string): Promise<unknown> => readmeCommand().parseAsync(["node", "readme", folder]);

describe("fct readme", () => {
  test("writes the sections of every document, and nothing but them", async () => {
    const folder = projectFolder();
    await update(folder);
    const text = read(folder, "README.md");
    expect(text).toMatch(/^# Title\n\n<!-- summary quick\/main -->\nTable `main`[\s\S]*\n<!-- end -->\n\nThe end\.\n$/);
    expect(text).toContain("| old/old |");
    expect(text).not.toContain("old\n<!-- end -->");
    expect(read(folder, "lib/bench/README.md")).toBe(bench);
    expect(logged).toEqual(["README.md: brought up to date", "results/README.md: brought up to date"]);
  });

  test("with --figures shows a result as it is shown today, from its numbers alone", async () => {
    const folder = projectFolder();
    rmSync(join(folder, "results", "quick", "losses.json"));
    write(folder, "README.md", "No section here.\n");
    rmSync(join(folder, "results", "quick", "main.json"));
    const committed = join(projectRoot(), "results", "quick");
    for (const name of ["cost.json", "cost-queries.safetensors"]) {
      copyFileSync(join(committed, name), join(folder, "results", "quick", name));
    }
    await readmeCommand().parseAsync(["node", "readme", "--figures", folder]);
    expect(logged).toEqual(["results/quick/cost: drawn", "results/README.md: brought up to date"]);
    const drawn = readdirSync(join(folder, "results", "quick")).toSorted();
    expect(drawn).toEqual(readdirSync(committed).filter((name) => name.startsWith("cost")));
    for (const name of drawn.filter((each) => /\.(json|md|svg)$/.test(each))) {
      expect(readFileSync(join(folder, "results", "quick", name))).toEqual(readFileSync(join(committed, name)));
    }
  });

  test("shows the tables in the order of their notebooks, with links that fit the document's folder", async () => {
    const folder = projectFolder();
    await update(folder);
    const text = read(folder, "results/README.md");
    expect(text.match(/^### .*$/gm)).toEqual(["### Table of main", "### Table of losses"]);
    expect(text).toContain("(../notebooks/01-main.ipynb)");
    expect(text).toMatch(/^!\[[^\]]+\]\(\.\.\/results\/quick\/losses-rows\.png\)$/m);
  });

  test("changes nothing the second time", async () => {
    const folder = projectFolder();
    await update(folder);
    const first = ["README.md", "results/README.md"].map((path) => read(folder, path));
    logged = [];
    await update(folder);
    expect(["README.md", "results/README.md"].map((path) => read(folder, path))).toEqual(first);
    expect(logged).toEqual([]);
  });

  test("names a missing result and how to make it, and then writes nothing", async () => {
    const folder = projectFolder();
    write(folder, "results/README.md", "<!-- summary laptop/main -->\n<!-- end -->\n");
    await expect(update(folder)).rejects.toThrow(
      /^results\/README\.md: .*laptop.main\.json.*--table main --scale laptop/,
    );
    expect(read(folder, "README.md")).toBe(readme);
    write(folder, "results/README.md", results);
    write(folder, "lib/bench/README.md", "<!-- bench -->\n<!-- end -->\n");
    await expect(update(folder)).rejects.toThrow(/^lib\/bench\/README\.md: .*bench\.json.*npm run bench/);
    expect(read(folder, "README.md")).toBe(readme);
  });

  test("names the document and the marker it does not know, and a document that is missing", async () => {
    const folder = projectFolder();
    write(folder, "README.md", "<!-- tables -->\n<!-- end -->\n");
    await expect(update(folder)).rejects.toThrow(/^README\.md: <!-- tables -->/);
    rmSync(join(folder, "README.md"));
    await expect(update(folder)).rejects.toThrow(/README\.md/);
  });
});
