import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { queueCommand } from "../../lib/cli/queue";
import { artifactPath, unfinishedPath } from "../../lib/core/artifacts/obtain";
import { graphOf } from "../../lib/core/artifacts/step";
import { projectRoot } from "../../lib/core/paths";
import { fingerprintOf, requestsOf } from "../../lib/experiments/table-work";
import { overviewTable } from "../../lib/tables/overview";
import { evidenceQueue } from "../../lib/tables/shared/queue";
import { tableNamed } from "../../lib/tables/tables";
import { temporaryFolder } from "../temporary-folder";

let folder = "";
const job = { table: "overview", scale: "quick", seeds: 10 } as const;
// The committed result has five seeds.
const work = graphOf(requestsOf(overviewTable, { ...job, extend: true }));

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, "cache"));
  vi.stubEnv("FCT_CACHE", join(folder, "cache"));
  vi.stubEnv("FCT_RESULTS", join(folder, "runs"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What `fct queue` prints about the job. */
async function printed(...words: readonly string[]): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await queueCommand([job]).parseAsync([...words], { from: "user" });
  const text = log.mock.calls.flat().join("\n");
  log.mockRestore();
  return text;
}

test("the declared runs are of tables and scales that exist, each with more seeds than the one before", () => {
  const seeds = new Map<string, number>();
  for (const { table, scale, seeds: count } of evidenceQueue) {
    expect(Object.keys(tableNamed(table).scales)).toContain(scale);
    expect(count).toBeGreaterThan(seeds.get(`${table} ${scale}`) ?? 0);
    seeds.set(`${table} ${scale}`, count);
  }
});

test("a run that extends the committed result is shown as to do, begun, and done once there is a result of as many seeds", async () => {
  expect(await printed()).toMatch(new RegExp(`overview +quick +10 +${work.length} steps to do\n`));
  const [first, second] = work;
  if (first === undefined || second === undefined) throw new Error("no work");
  writeFileSync(artifactPath(join(folder, "cache"), first), "");
  writeFileSync(unfinishedPath(join(folder, "cache"), second), "");
  expect(await printed()).toContain(`begun: ${work.length - 1} of ${work.length} steps to do`);
  const own = join(folder, "runs", "quick");
  cpSync(join(projectRoot(), "results", "quick", "overview.json"), join(own, "overview.json"), { recursive: true });
  const result = JSON.parse(readFileSync(join(own, "overview.json"), "utf8"));
  for (const [seeds, state] of [
    [[0], null],
    [Array.from({ length: 10 }, (_, seed) => seed), "own run"],
  ] as const) {
    const fingerprint = fingerprintOf(overviewTable, "quick", seeds);
    const rows = result.rows.map((row: { readonly perSeed: readonly Record<string, number>[] }) => {
      const summaries = Object.entries(row.perSeed[0] ?? {}).map(([name, mean]) => {
        return [name, { mean, sd: seeds.length > 1 ? 0 : null, n: seeds.length }];
      });
      return { ...row, metrics: Object.fromEntries(summaries), perSeed: seeds.map(() => row.perSeed[0]) };
    });
    writeFileSync(join(own, "overview.json"), JSON.stringify({ ...result, seeds, fingerprint, rows, histories: [] }));
    expect(JSON.parse(await printed("--json"))).toEqual([
      { ...job, result: state, extend: true, steps: work.length, stepsLeft: work.length - 1, begun: true },
    ]);
  }
  expect(await printed()).toContain("1 of 1 runs are done");
});
