import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { languageResultJson, parseLanguageResult } from "../../../lib/experiments/language/language-result-file";
import type { LanguageTable } from "../../../lib/experiments/language/language-table";
import { runLanguageTable } from "../../../lib/experiments/language/run-language-table";
import { resultMarkdown } from "../../../lib/report/markdown";
import { temporaryFolder } from "../../temporary-folder";
import { muscle, next, old } from "./tiny-updates";

const places = vi.hoisted(() => ({ committed: "" }));
vi.mock("../../../lib/core/paths", async (original) => ({
  ...(await original<object>()),
  committedFolder: () => places.committed,
}));

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const table: LanguageTable = {
  kind: "language",
  id: "tiny",
  notebook: "15-muscle",
  title: "Tiny updates",
  scales: { quick: { seeds: 1, dataset: "next to nothing" } },
  notes: ["A note."],
  reported: [],
  rows: () =>
    (
      [
        ["v1", old],
        ["v2", next],
        ["muscle", muscle],
      ] as const
    ).map(([id, model]) => ({
      id,
      label: id,
      group: "subjectivity",
      model,
      before: old,
      next,
    })),
};

test("a table is run, its rows compared with v1 and with v2, and kept in the cache", async () => {
  vi.stubEnv("FCT_CACHE", temporaryFolder());
  vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  const result = await runLanguageTable(table, { scale: "quick", progress: "notebook" });
  expect(result.rows.map(({ id }) => id)).toEqual(["v1", "v2", "muscle"]);
  const [v1, v2] = result.rows;
  const mean = (row: typeof v1, measure: string): number => row?.details[measure]?.mean ?? Number.NaN;
  expect(["negative", "positive"].map((measure) => mean(v1, measure))).toEqual([0, 0]);
  expect(["scoreChange", "negativeChange"].map((measure) => mean(v2, measure))).toEqual([0, 0]);
  for (const row of result.rows) {
    expect([row.before, row.next]).toEqual(["v1", "v2"]);
    const gain = mean(row, "score") - mean(v1, "score");
    expect(mean(row, "positive") - mean(row, "negative")).toBeCloseTo(gain, 3);
  }
  expect(parseLanguageResult(languageResultJson(result), "tiny.json")).toEqual(result);
  expect(await runLanguageTable(table, { scale: "quick", progress: "notebook" })).toEqual(result);
  expect(resultMarkdown(result)).toContain("| subjectivity | v1 |");
  await expect(runLanguageTable(table, { scale: "paper" })).rejects.toThrow(
    /scale of table tiny: expected quick, got paper/,
  );
});

test("a run that extends the committed result by a seed gives what one of both seeds gives", async () => {
  const folder = temporaryFolder();
  places.committed = join(folder, "results");
  vi.stubEnv("FCT_CACHE", join(folder, "cache"));
  vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  const choices = { scale: "quick", compute: true, progress: "notebook" } as const;
  const one = await runLanguageTable(table, choices);
  mkdirSync(join(places.committed, "quick"), { recursive: true });
  writeFileSync(join(places.committed, "quick", "tiny.json"), languageResultJson(one));
  const kept = join(folder, "cache", `queries-${one.queries.key}.safetensors`);
  cpSync(kept, join(places.committed, "quick", "tiny-queries.safetensors"));
  const { run, queries, ...extended } = await runLanguageTable(table, { ...choices, seeds: 2, extend: true });
  const { run: _, queries: both, ...whole } = await runLanguageTable(table, { ...choices, seeds: 2 });
  expect(extended).toEqual(whole);
  expect(queries.sha256).toBe(both.sha256);
  expect(run.pieces?.length).toBeGreaterThan(one.run.pieces?.length ?? Number.NaN);
});
