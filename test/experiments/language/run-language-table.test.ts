import { afterEach, expect, test, vi } from "vitest";
import type { LanguageTable } from "../../../lib/experiments/language/language-table";
import { runLanguageTable } from "../../../lib/experiments/language/run-language-table";
import { languageMarkdown } from "../../../lib/report/language-markdown";
import { temporaryFolder } from "../../temporary-folder";
import { muscle, next, old } from "./tiny-updates";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const table: LanguageTable = {
  id: "tiny",
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
  expect(v1?.perSeed[0]).toMatchObject({ negative: 0, positive: 0, inconsistent: 0 });
  expect(v2?.change).toEqual({ mean: 0, low: 0, high: 0 });
  for (const { perSeed } of result.rows) {
    const metrics = perSeed[0];
    const before = v1?.perSeed[0]?.score ?? Number.NaN;
    expect((metrics?.positive ?? 0) - (metrics?.negative ?? 0)).toBeCloseTo((metrics?.score ?? 0) - before, 9);
  }
  expect(await runLanguageTable(table, { scale: "quick", progress: "notebook" })).toEqual(result);
  expect(languageMarkdown(result)).toContain("| subjectivity | muscle |");
  await expect(runLanguageTable(table, { scale: "paper" })).rejects.toThrow(
    /scale of table tiny: expected quick, got paper/,
  );
});
