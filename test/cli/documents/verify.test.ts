import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resultFaults } from "../../../lib/cli/documents/result-faults";
import { verifyCommand } from "../../../lib/cli/documents/verify";
import { readmeCommand } from "../../../lib/cli/readme";
import { sealed, writeArtifact } from "../../../lib/core/artifacts/store";
import { projectRoot } from "../../../lib/core/paths";
import { withIntervals } from "../../../lib/experiments/results/intervals";
import { packedQueries, queriesFile, queriesOfTable } from "../../../lib/experiments/results/query-results";
import type { TableResult } from "../../../lib/experiments/results/result";
import { parseResult, resultJson } from "../../../lib/experiments/results/result-file";
import { fingerprintOf, gapsOf } from "../../../lib/experiments/table-work";
import { resultMarkdown } from "../../../lib/report/markdown";
import { overviewTable } from "../../../lib/tables/overview";
import { temporaryFolder } from "../../temporary-folder";

let errors: string[] = [];
let lines: string[] = [];

beforeEach(() => {
  [errors, lines] = [[], []];
  vi.spyOn(console, "error").mockImplementation((line: string) => void errors.push(line));
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** A project of one table: its committed result, two documents made from it and the start of its notebook. */
async function smallProject(): Promise<string> {
  const folder = temporaryFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const file of ["main.json", "main.md", queriesFile("main")]) {
    const path = join("results", "quick", file);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(projectRoot(), path), join(folder, path));
  }
  write("README.md", "<!-- summary quick/main -->\n<!-- end -->\n<!-- claims -->\n<!-- end -->\n");
  write("results/README.md", "<!-- results quick -->\n<!-- end -->\n");
  for (const path of ["lib/README.md", "lib/bench/README.md"]) write(path, "Nothing is generated here.\n");
  write("results/claims.json", "{}\n");
  write("notebooks/01-main.ipynb", '{ "cells": ["<!--= independent top1 -->0<!--=-->"] }\n');
  await readmeCommand().parseAsync(["node", "readme", folder]);
  lines = [];
  return folder;
}

const verify = async (folder: string): Promise<unknown> => verifyCommand().parseAsync(["node", "verify", folder]);

function edit(path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(path, "utf8");
  const after = text.replace(from, to);
  if (after === text) throw new Error(`${path} has no ${from}`);
  writeFileSync(path, after);
}

describe("fct verify", () => {
  test("finds nothing to change in the committed results, verdicts and prose", async () => {
    await verify(projectRoot());
    expect(errors).toEqual([]);
    expect(process.exitCode).toBeUndefined();
    expect(lines).toEqual([expect.stringMatching(/^\d+ results and \d+ files made from them: nothing to change$/)]);
  });

  test("names every verdict, number and result that was changed by hand, and nothing else", async () => {
    const folder = await smallProject();
    await verify(folder);
    expect([errors, lines]).toEqual([[], ["1 results and 6 files made from them: nothing to change"]]);
    lines = [];
    edit(join(folder, "README.md"), /\| (holds|seen in \d+ runs?) \|/, "| contradicted |");
    edit(join(folder, "notebooks", "01-main.ipynb"), /(independent top1 -->)[\d.]+/, "$19.9");
    edit(join(folder, "results", "claims.json"), /"verdict": "[^"]*"/, '"verdict": "contradicted"');
    edit(join(folder, "results", "quick", "main.md"), "Half", "Third");
    await verify(folder);
    expect(process.exitCode).toBe(1);
    expect(lines).toEqual([]);
    const [found = ""] = errors;
    expect(found.match(/^[^ :].*?(stale|it is not of the JSON)/gm)).toEqual([
      expect.stringMatching(/results\/quick\/main\.md: it is not of the JSON/),
      expect.stringMatching(/^README\.md:\d+: stale/),
      expect.stringMatching(/^notebooks\/01-main\.ipynb:\d+: stale/),
      expect.stringMatching(/^results\/claims\.json:\d+: stale/),
    ]);
    expect(found).toMatch(/^README\.md:\d+: stale: .*\n {2}is: .*contradicted.*\n {2}should: .*(holds|seen in)/m);
  });
});

describe("a result with the results of its queries", () => {
  /** The overview's table as if every query were either found at once or not at all. */
  function committedRun(): string {
    const folder = temporaryFolder();
    const place = join(folder, "quick");
    mkdirSync(place);
    const classes = Int32Array.from({ length: 36 }, (_, i) => i % 6);
    const rows = overviewTable.rows("quick", 0);
    const found = rows.map(({ id }, row) => {
      const hits = Float64Array.from(classes, (_, i) => (i % 7 <= row ? 1 : 0));
      return { row: id, seed: 0, results: packedQueries(classes, { top1: hits, top5: hits, mAP: hits }) };
    });
    const queries = queriesOfTable(found);
    const path = join(projectRoot(), "results", "quick", "overview.json");
    const result = parseResult(readFileSync(path, "utf8"), path);
    const levels = found.map((_, row) => (100 * classes.filter((_label, i) => i % 7 <= row).length) / 36);
    const measured = result.rows.map((row, index) => {
      const mean = levels[index] ?? Number.NaN;
      const each = { top1: mean, top5: mean, mAP: mean };
      const metrics = { mean, sd: null, n: 1 };
      const [start = 0, end = 0] = [levels[0], levels.at(-1)];
      const closed = (100 * (mean - start)) / (end - start);
      const gapClosed = row.gapClosed.mAP === null ? row.gapClosed : { top1: closed, top5: closed, mAP: closed };
      return { ...row, gapClosed, perSeed: [each], metrics: { top1: metrics, top5: metrics, mAP: metrics } };
    });
    const run = {
      ...result,
      seeds: [0],
      histories: result.histories.filter(({ seed }) => seed === 0),
      fingerprint: fingerprintOf(overviewTable, "quick", [0]),
      rows: withIntervals(measured, { seeds: [0], queries, gapOf: gapsOf(overviewTable, rows) }),
      queries: { key: "k", sha256: sealed(queries).digest },
    };
    writeArtifact(join(place, queriesFile("overview")), queries);
    writeFileSync(join(place, "overview.json"), resultJson(run));
    writeFileSync(join(place, "overview.md"), resultMarkdown(parseResult(resultJson(run), "overview.json")));
    return folder;
  }

  test("is sound if its means and intervals follow from them", () => {
    expect(resultFaults(committedRun())).toEqual({ results: 1, faults: [] });
  });

  test("is named with row and seed if they say something else, or if an interval does", () => {
    const folder = committedRun();
    const path = join(folder, "quick", "overview.json");
    const result = parseResult(readFileSync(path, "utf8"), path);
    const rows = result.rows.map((row, index) => {
      const shifted = { mean: row.metrics.mAP.mean + 1, sd: null, n: 1, interval: [0, 1] as const };
      if (index !== 1) return row;
      return {
        ...row,
        perSeed: row.perSeed.map((each) => ({ ...each, mAP: each.mAP + 1 })),
        metrics: { ...row.metrics, mAP: shifted },
      };
    });
    writeFileSync(path, resultJson({ ...result, rows }));
    const { faults } = resultFaults(folder);
    expect(faults).toEqual([
      expect.stringMatching(/row independent: it closes 25 % of the gap in mAP, by its means 26\.80 %/),
      expect.stringMatching(/overview\.md: it is not of the JSON/),
      expect.stringMatching(/row independent, seed 0: mAP is .*, the mean of its queries/),
      expect.stringMatching(/its intervals are not those of its queries/),
    ]);
  });

  test.each<readonly [string, (result: TableResult) => Partial<TableResult>]>([
    ["row old-old", ({ rows }) => ({ rows: rows.map((row, i) => (i === 0 ? { ...row, label: "new / new" } : row)) })],
    ["rows", ({ rows }) => ({ rows: rows.filter(({ id }) => id !== "independent") })],
    ["dataset", () => ({ dataset: "photographs" })],
    ["scale", () => ({ scale: "laptop" })],
  ])("is named if its %s is not as its table is declared", (name, change) => {
    const folder = committedRun();
    const path = join(folder, "quick", "overview.json");
    const result = parseResult(readFileSync(path, "utf8"), path);
    writeFileSync(path, resultJson({ ...result, ...change(result) }));
    const fault = `${path}: ${name}: it is not as the table declares it; run the table again`;
    expect(resultFaults(folder).faults).toContain(fault);
  });

  test("is named if it does not say which they are", () => {
    const folder = committedRun();
    const path = join(folder, "quick", "overview.json");
    const { queries: _, ...bare } = parseResult(readFileSync(path, "utf8"), path);
    writeFileSync(path, resultJson(bare));
    const fault = `${path}: it has no results of its queries, from which its numbers follow`;
    expect(resultFaults(folder).faults).toEqual([fault]);
  });

  test("is refused by name if the file is damaged", () => {
    const folder = committedRun();
    writeFileSync(join(folder, "quick", queriesFile("overview")), "damaged");
    expect(resultFaults(folder).faults).toEqual([expect.stringMatching(/overview-queries\.safetensors.*damaged/s)]);
  });
});

test("a folder without documents is named, and what to name instead", async () => {
  const folder = temporaryFolder();
  const said = `${join(folder, "README.md")}: there is no such file or folder; name the folder that holds results/`;
  await expect(verify(folder)).rejects.toThrow(said);
  await expect(readmeCommand().parseAsync(["node", "readme", folder])).rejects.toThrow(said);
});
