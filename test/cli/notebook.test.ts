import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { notebookCommand } from "../../lib/cli/notebook";
import { projectRoot } from "../../lib/core/paths";
import { temporaryFolder } from "../temporary-folder";

const python = join(projectRoot(), ".venv", "bin", "python");

/** Executes a notebook of the given text as `fct notebook` does, with a run folder of its own. */
function execute(text: string | Uint8Array) {
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

describe("a file that is not a notebook is named in one line:", () => {
  it.each([
    ["cut JSON", '{ "cells": [{'],
    ["an empty file", ""],
    ["another object", "[1, 2]"],
    ["bytes that are not text", Uint8Array.of(255, 254, 0, 1)],
    ["cells that are none", '{ "cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5 }'],
  ])("%s", (_, text) => {
    const { status, stderr, path, failure } = execute(text);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(`error: ${path}: is not a notebook (`);
    expect(failure).toContain(path);
    expect(status).toBe(1);
  });
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
