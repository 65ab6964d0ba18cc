import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { evaluateCommand } from "../../../lib/cli/evaluate/evaluate";
import { evaluateFiles } from "../../../lib/cli/evaluate/evaluate-files";
import { evaluateShard, type ShardJob } from "../../../lib/cli/evaluate/evaluate-shard";
import { mergeCommand } from "../../../lib/cli/evaluate/merge";
import { mergedEvaluation } from "../../../lib/cli/evaluate/merged-evaluation";
import { evaluationReport } from "../../../lib/cli/evaluate/report";
import { type Matrix, matrix } from "../../../lib/core/matrix";
import { distances } from "../../../lib/retrieval/input";
import { bytesAs, npyFile } from "../../files/npy-writer";
import { normalRows, randomLabels } from "../../retrieval/normal-rows";
import { temporaryFolder } from "../../temporary-folder";
import { refusal } from "../refusal";
import { writeMatrix } from "../small-transformation";

const quiet = { show: () => {}, keep: () => {} };

interface Files {
  readonly gallery: Matrix;
  readonly labels: Int32Array;
  readonly folder: string;
}

/** A gallery in files gallery/part-1.npy, part-2.npy, ..., each with as many rows as said; its labels likewise. */
function inFiles({ folder, gallery, labels }: Files, sizes: readonly number[]): { gallery: string; labels: string } {
  for (const name of ["gallery", "labels"]) mkdirSync(join(folder, name), { recursive: true });
  let first = 0;
  sizes.forEach((size, i) => {
    const end = i === sizes.length - 1 ? gallery.rows : first + size;
    const data = gallery.data.slice(first * gallery.columns, end * gallery.columns);
    writeMatrix(join(folder, "gallery", `part-${i + 1}.npy`), matrix(end - first, gallery.columns, data));
    writeLabels(join(folder, "labels", `part-${i + 1}.npy`), labels.slice(first, end));
    first = end;
  });
  return { gallery: join(folder, "gallery"), labels: join(folder, "labels", "part-*.npy") };
}

function writeLabels(path: string, labels: Int32Array): void {
  writeFileSync(path, npyFile({ descr: "<i8", shape: [labels.length] }, bytesAs("<i8", labels)));
}

/** A search in files: the gallery whole, and in eleven files. */
function written(
  name: string,
  { whole = false } = {},
): {
  readonly one: Omit<ShardJob, "shard" | "reading" | "folder">;
  readonly many: Omit<ShardJob, "shard" | "reading" | "folder">;
  readonly folder: string;
} {
  const folder = temporaryFolder();
  const path = (file: string): string => join(folder, file);
  const gallery = normalRows(name, 60, 4, whole);
  const labels = randomLabels(name, 60, 5);
  writeMatrix(path("gallery.npy"), gallery);
  writeLabels(path("labels.npy"), labels);
  writeMatrix(path("query.npy"), normalRows(`${name} queries`, 9, 4, whole));
  writeLabels(path("query-labels.npy"), randomLabels(`${name} queries`, 9, 6));
  const rest = {
    query: path("query.npy"),
    queryLabels: path("query-labels.npy"),
    distance: "l2",
    memory: 2 ** 30,
  } as const;
  const many = inFiles({ folder: path("parts"), gallery, labels }, [7, 1, 9, 3, 8, 2, 6, 5, 4, 7, 8]);
  return {
    one: { ...rest, gallery: path("gallery.npy"), labels: path("labels.npy") },
    many: { ...rest, ...many },
    folder,
  };
}

async function inJobs(
  choices: Omit<ShardJob, "shard" | "reading" | "folder">,
  of: number,
  folder: string,
): Promise<void> {
  for (const reading of ["measure", "count"] as const) {
    // The order of the jobs does not matter.
    for (let index = of; index >= 1; index--)
      await evaluateShard({ ...choices, shard: { index, of }, reading, folder }, quiet);
  }
}

describe("an evaluation of a gallery in several files", () => {
  it("equals that of one file to the bit: in one process, and in a job for each shard", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          name: fc.string(),
          whole: fc.boolean(),
          distance: fc.constantFrom(...distances),
          of: fc.integer({ min: 1, max: 11 }),
          k: fc.constantFrom([], [1, 10]),
          memory: fc.constantFrom(4000, 2 ** 30),
        }),
        async ({ name, whole, of, k, ...choices }) => {
          const made = written(name, { whole: whole && choices.distance === "l2" });
          const list = k.length === 0 ? {} : { k };
          const expected = await evaluateFiles({ ...made.one, ...choices, ...list, memory: 2 ** 30 }, quiet);
          const together = await evaluateFiles(
            { ...made.many, ...choices, ...list, memory: k.length > 0 ? 2 ** 30 : choices.memory },
            quiet,
          );
          expect(together.result).toEqual(expected.result);
          for (const [place, jobs] of [[made.many, of] as const, [made.one, 4] as const]) {
            const folder = join(made.folder, `work-${jobs}-${place === made.one}`);
            await inJobs({ ...place, ...choices, ...list }, jobs, folder);
            const { evaluation, facts } = mergedEvaluation(folder);
            expect(evaluation.result).toEqual(expected.result);
            expect(evaluation.ranking).toEqual(expected.ranking);
            const report = (found: typeof evaluation) => evaluationReport(found, { ...choices, perClass: true });
            expect({ ...report(evaluation), gallery: null }).toEqual({ ...report(expected), gallery: null });
            expect(evaluation.gallery).toEqual({ file: place.gallery, rows: 60, columns: 4 });
            expect(facts.of).toBe(jobs);
          }
        },
      ),
      { numRuns: 6, seed: 3 },
    );
  });

  it("leaves the same item out, by its row in the whole gallery", async () => {
    const { one, many, folder } = written("self");
    const self = { excludeSelf: true, query: one.gallery, queryLabels: one.labels };
    const expected = await evaluateFiles({ ...one, ...self }, quiet);
    await inJobs({ ...many, ...self }, 3, join(folder, "work"));
    expect(mergedEvaluation(join(folder, "work")).evaluation.result).toEqual(expected.result);
  });
});

describe("jobs that do not belong together are refused:", () => {
  it("a shard that is missing, changed or of other queries, other counts, and a gallery of too few files", async () => {
    const { one, many, folder } = written("refused");
    const work = join(folder, "work");
    const job = (index: number, reading: ShardJob["reading"], more: Partial<ShardJob> = {}): Promise<string> =>
      evaluateShard({ ...many, shard: { index, of: 3 }, reading, folder: work, ...more }, quiet);
    expect(() => mergedEvaluation(work)).toThrow(/work: there is no such file or folder; name the folder/);
    expect(() => mergedEvaluation(many.query)).toThrow(/: is no folder; name the folder that fct evaluate --shard/);
    await job(1, "measure");
    expect(() => mergedEvaluation(work)).toThrow(/work: holds no counted shard; run fct evaluate --shard i\/n/);
    await expect(job(1, "count")).rejects.toThrow(
      /measured-0002-of-0003\.safetensors: is missing; run .* --shard 2\/3 --measure/,
    );
    await job(2, "measure", { query: one.gallery, queryLabels: one.labels });
    await job(3, "measure");
    await expect(job(1, "count")).rejects.toThrow(
      /shard 2\/3 is of other queries, labels or options; measure it again/,
    );
    await job(2, "measure");
    await job(1, "count");
    await job(2, "count", { k: [3] });
    expect(() => mergedEvaluation(work)).toThrow(/counted-0003-of-0003\.safetensors: is missing; run .*--count/);
    await job(3, "count");
    expect(() => mergedEvaluation(work)).toThrow(
      /shard 2\/3 was counted with other measures, or another --k; count it again/,
    );
    await expect(job(2, "count", { k: [61] })).rejects.toThrow(/its gallery has 60 rows, --k names 61/);
    writeMatrix(join(many.gallery, "part-11.npy"), normalRows("changed", 8, 4));
    await expect(job(3, "count")).rejects.toThrow(/shard 3\/3 has changed since it was measured; measure it again/);
    await expect(job(1, "measure", { shard: { index: 1, of: 12 } })).rejects.toThrow(
      /holds 11 files, fewer than the 12 shards/,
    );
    rmSync(join(many.gallery, "part-3.npy"));
    await expect(job(3, "measure")).rejects.toThrow(/part-\*\.npy: has 60 labels, the gallery 51 rows; one for each/);
    expect(existsSync(join(work, "measured-0003-of-0003.safetensors"))).toBe(true);
  });

  it("a shard that is counted with other labels than measured, or measured with those of another gallery", async () => {
    const { one, many, folder } = written("other labels");
    const job = (index: number, reading: ShardJob["reading"], more: Partial<ShardJob>): Promise<string> =>
      evaluateShard({ ...many, shard: { index, of: 2 }, reading, folder: join(folder, "work"), ...more }, quiet);
    const other = join(folder, "other.npy");
    writeLabels(other, randomLabels("other", 60, 5));
    for (const index of [1, 2]) await job(index, "measure", {});
    rmSync(many.labels.replace("*", "1"));
    writeLabels(many.labels.replace("*", "1"), randomLabels("first of other", 7, 5));
    await expect(job(1, "count", {})).rejects.toThrow(/shard 1\/2 has other labels than when it was measured; measure/);
    await job(1, "measure", { labels: one.labels });
    await job(2, "measure", { labels: other });
    await expect(job(1, "count", { labels: one.labels })).rejects.toThrow(
      /shard 2\/2 is of other queries, labels or options/,
    );
  });

  it.each([
    [["--shard", "3"], /number of a shard and of all shards is allowed, such as 3\/20/],
    [["--shard", "4/3"], /such as 3\/20/],
    [["--shard", "1/3"], /--shard needs --measure or --count/],
    [["--measure", "x"], /they need --shard/],
    [["--shard", "1/3", "--measure", "x", "--count", "x"], /one of them/],
    [["--shard", "1/3", "--measure", "x", "--distance", "dot"], /l2 and cosine/],
    [["--shard", "1/3", "--measure", "x", "--per-class"], /--json and --per-class are for fct merge/],
    [["--shard", "1/3", "--count", "x", "--json"], /--json and --per-class are for fct merge/],
  ])("%j", async (words, says) => {
    const all = ["--query", "q.npy", "--gallery", "g.npy", "--labels", "l.npy", ...words];
    expect(await refusal(evaluateCommand(), all)).toMatch(says);
  });
});

it("fct merge writes the lists that fct evaluate writes", async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  const { one, many, folder } = written("lists");
  const path = (name: string): string => join(folder, name);
  await inJobs({ ...many, k: [2, 5] }, 4, path("work"));
  await mergeCommand().parseAsync([path("work"), "--json", "--out", path("a.csv"), "--per-query", path("b.csv")], {
    from: "user",
  });
  const words = Object.entries({
    query: one.query,
    "query-labels": one.queryLabels,
    gallery: one.gallery,
    labels: one.labels,
  });
  const files = ["--k", "2,5", "--out", path("c.csv"), "--per-query", path("d.csv")];
  await evaluateCommand().parseAsync([...words.flatMap(([name, value]) => [`--${name}`, String(value)]), ...files], {
    from: "user",
  });
  const text = (name: string): string => readFileSync(path(name), "utf8");
  expect(text("a.csv")).toBe(text("c.csv"));
  expect(text("b.csv")).toBe(text("d.csv"));
  expect(text("a.csv").split("\n")).toHaveLength(9 * 5 + 2);
  vi.restoreAllMocks();
});
