import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";
import { notebookCommand } from "../../lib/cli/notebook";
import { projectRoot } from "../../lib/core/paths";
import { temporaryFolder } from "../temporary-folder";
import { refusal } from "./refusal";

const python = join(projectRoot(), ".venv", "bin", "python");

/** Executes a notebook of the given text as `fct notebook` does, with a run folder of its own. */
function execute(text: string) {
  const folder = temporaryFolder();
  const path = join(folder, "a notebook.ipynb");
  const out = join(folder, "out");
  writeFileSync(path, text);
  const words = [join(projectRoot(), "lib", "cli", "execute.py"), path, out];
  const { status, stderr } = spawnSync(python, words, { encoding: "utf8" });
  const failure = join(out, "a notebook.failure.txt");
  return { status, stderr, path, out, failure: existsSync(failure) ? readFileSync(failure, "utf8") : null };
}

function notebookOf(source: string): string {
  const cell = { cell_type: "code", id: "one", execution_count: null, metadata: {}, outputs: [], source };
  return JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
}

/** Executes files of the given texts one after the other in one process, which takes long to start. */
function executeAll(texts: readonly (string | Uint8Array)[]) {
  const folder = temporaryFolder();
  const paths = texts.map((text, index) => {
    const path = join(folder, `notebook ${index}.ipynb`);
    writeFileSync(path, text);
    return path;
  });
  const program = `
import sys
sys.path.insert(0, ${JSON.stringify(join(projectRoot(), "lib", "cli"))})
import execute
for path in sys.argv[1:]:
    sys.argv = ["execute.py", path, path + ".out"]
    print("#", execute.main(), file=sys.stderr)`;
  const { stderr } = spawnSync(python, ["-B", "-c", program, ...paths], { encoding: "utf8" });
  const parts = [...stderr.matchAll(/([\s\S]*?)^# (\d+)$/gm)];
  return paths.map((path, index) => {
    const [, said = "", status] = parts[index] ?? [];
    const failure = readFileSync(join(`${path}.out`, `notebook ${index}.failure.txt`), "utf8");
    return { path, said: said.trim(), status: Number(status), failure };
  });
}

it("a file that is not a notebook is named in one line", () => {
  const texts: readonly (string | Uint8Array)[] = [
    '{ "cells": [{',
    "",
    "[1, 2]",
    Uint8Array.of(255, 254, 0, 1),
    '{ "cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5 }',
  ];
  const ends = executeAll(texts);
  expect(ends).toHaveLength(5);
  for (const { path, said, status, failure } of ends) {
    expect(said.split("\n")).toHaveLength(1);
    expect(said).toContain(`error: ${path}: is not a notebook (`);
    expect(failure).toContain(path);
    expect(status).toBe(1);
  }
});

it("a cell that ends the kernel is said to have done so, with its exit code", () => {
  const { status, stderr, failure, out } = execute(notebookOf("process.exit(3)"));
  expect(stderr).toMatch(/failed in cell 1: the cell ended the kernel \(exit code 3\)/);
  expect(failure).toBe("failed in cell 1: the cell ended the kernel (exit code 3)");
  expect(existsSync(join(out, "a notebook.html"))).toBe(true);
  expect(status).toBe(1);
});

it.each([
  ["a name", "gone"],
  ["a name with its ending", "gone.ipynb"],
  ["a path", join(projectRoot(), "notebooks", "gone.ipynb")],
  ["a path from here", relative(process.cwd(), join(projectRoot(), "notebooks", "gone.ipynb"))],
])("fct notebook takes %s", async (_, name) => {
  const wanted = join(projectRoot(), "notebooks", "gone.ipynb");
  await expect(notebookCommand().parseAsync([name], { from: "user" })).rejects.toThrow(`there is no ${wanted}`);
});

it.each([
  [["01-main", "--in-place", "--seeds", "2"], /'--in-place' cannot be used with option '--seeds/],
  [["01-main", "--in-place", "--scale", "laptop"], /--in-place: expected the committed scale, quick, got laptop/],
])("in place is the committed result alone: %j is refused", async (words, said) => {
  expect(await refusal(notebookCommand(), words)).toMatch(said);
});
