import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateCommand } from "../../../lib/cli/evaluate/evaluate";
import { evaluateFiles } from "../../../lib/cli/evaluate/evaluate-files";
import type { EvaluateChoices } from "../../../lib/cli/evaluate/evaluation";
import { evaluationReport, reportText } from "../../../lib/cli/evaluate/report";
import { writeArtifact } from "../../../lib/core/artifacts/store";
import { type Matrix, matrix } from "../../../lib/core/matrix";
import { evaluateRetrieval } from "../../../lib/retrieval/evaluate";
import { distances } from "../../../lib/retrieval/input";
import { bytesAs, npyFile } from "../../files/npy-writer";
import { naiveRetrieval } from "../../retrieval/naive-retrieval";
import { normalRows, randomLabels } from "../../retrieval/normal-rows";
import { temporaryFolder } from "../../temporary-folder";
import { refusal } from "../refusal";
import { writeMatrix } from "../small-transformation";

const quiet = { show: () => {}, keep: () => {} };
const plenty = 2 ** 30;

interface Written {
  readonly gallery: Matrix;
  readonly query: Matrix;
  readonly labels: Int32Array;
  readonly queryLabels: Int32Array;
  readonly choices: EvaluateChoices & { readonly queryLabels: string };
}

/** A search of other items, in memory and in files. */
function written(name: string, { items = 60, queries = 40, whole = false } = {}): Written {
  const folder = temporaryFolder();
  const gallery = normalRows(name, items, 4, whole);
  const query = normalRows(`${name} queries`, queries, 4, whole);
  const labels = randomLabels(name, items, 7);
  const queryLabels = randomLabels(`${name} queries`, queries, 8);
  const path = (file: string): string => join(folder, file);
  writeMatrix(path("gallery.npy"), gallery);
  writeMatrix(path("query.npy"), query);
  writeLabels(path("labels.npy"), labels);
  writeLabels(path("query-labels.npy"), queryLabels);
  const choices = {
    gallery: path("gallery.npy"),
    query: path("query.npy"),
    labels: path("labels.npy"),
    queryLabels: path("query-labels.npy"),
    distance: "l2" as const,
    memory: plenty,
  };
  return { gallery, query, labels, queryLabels, choices };
}

function writeLabels(path: string, labels: Int32Array): void {
  writeFileSync(path, npyFile({ descr: ">i8", shape: [labels.length] }, bytesAs(">i8", labels)));
}

describe("an evaluation of files", () => {
  it("equals evaluateRetrieval in memory to the bit, within its memory and beyond, and plain loops", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          name: fc.string(),
          items: fc.integer({ min: 12, max: 60 }),
          queries: fc.integer({ min: 1, max: 40 }),
          whole: fc.boolean(),
          distance: fc.constantFrom(...distances),
        }),
        async ({ distance, name, whole, ...sizes }) => {
          const made = written(name, { ...sizes, whole: whole && distance === "l2" });
          const { choices, ...search } = made;
          const expected = evaluateRetrieval({ ...search, excludeSelf: false, distance });
          for (const memory of [plenty, 5000]) {
            const { result, streamed } = await evaluateFiles({ ...choices, distance, memory }, quiet);
            expect(streamed).toBe(memory === 5000 && bytesOf(made) > 5000);
            expect(result).toEqual(expected);
          }
          if (distance === "cosine") return;
          const naive = naiveRetrieval(search.gallery, search.query, [...search.labels], {
            queryLabels: [...search.queryLabels],
            excludeSelf: false,
          });
          expect([expected.top5, expected.skipped]).toEqual([naive.top5, naive.skipped]);
          expect(expected.mAP).toBeCloseTo(naive.mAP, 12);
        },
      ),
      { numRuns: 15, seed: 4 },
    );
  });

  it("of one file that searches itself reads it from safetensors, labels beside it", async () => {
    const path = join(temporaryFolder(), "all.safetensors");
    const gallery = normalRows("self", 50, 4);
    const labels = randomLabels("self", 50, 6);
    const { rows, columns, data } = gallery;
    const arrays = { e: { shape: [rows, columns], data }, labels: { shape: [rows], data: labels } };
    writeArtifact(path, { arrays, facts: {} });
    for (const memory of [plenty, 2000]) {
      const choices = {
        query: path,
        gallery: `${path}#e`,
        labels: path,
        excludeSelf: true,
        distance: "l2",
        memory,
      } as const;
      const { result } = await evaluateFiles(choices, quiet);
      expect(result).toEqual(evaluateRetrieval({ gallery, query: gallery, labels, excludeSelf: true }));
    }
  });

  it("notes that rows find themselves if both sides hold the same, in two files too, and not if they are left out", async () => {
    const folder = temporaryFolder();
    const paths = ["a.npy", "copy.npy", "other.npy"].map((name) => join(folder, name));
    const [a = "", copy = "", other = ""] = paths;
    for (const path of [a, copy]) writeMatrix(path, normalRows("same", 20, 4));
    writeMatrix(other, normalRows("other", 20, 4));
    const labels = join(folder, "labels.npy");
    writeLabels(labels, randomLabels("same", 20, 3));
    const findsItself = async (query: string, excludeSelf: boolean, memory = plenty): Promise<boolean> =>
      (await evaluateFiles({ query, gallery: a, labels, excludeSelf, distance: "l2", memory }, quiet)).findsItself;
    expect(await Promise.all([a, copy, other].map((query) => findsItself(query, false)))).toEqual([true, true, false]);
    expect(await Promise.all([a, copy].map((query) => findsItself(query, true)))).toEqual([false, false]);
    expect(await findsItself(copy, false, 1000)).toBe(true);
  });

  function bytesOf({ gallery, query }: Written): number {
    return 4 * 4 * (6 * gallery.rows + 2 * query.rows);
  }
});

describe("its report", () => {
  it("gives the result's means in percent, each within its interval, the same every time", async () => {
    const { choices } = written("report");
    const evaluation = await evaluateFiles(choices, quiet);
    const report = evaluationReport(evaluation, choices);
    expect(evaluationReport(evaluation, choices)).toEqual(report);
    const { queries, skipped } = evaluation.result;
    expect(report).toMatchObject({ queries, skipped, distance: "l2", excludeSelf: false });
    expect(Object.keys(report.metrics)).toEqual(["top1", "top5", "mAP", "rPrecision", "mAPAtR"]);
    for (const [name, { mean, low, high }] of Object.entries(report.metrics)) {
      expect(mean).toBeCloseTo(100 * evaluation.result[name as "mAP"], 10);
      expect(low).toBeLessThan(mean);
      expect(high).toBeGreaterThan(mean);
    }
    const text = reportText(report);
    expect(text).toContain(`mAP          ${report.metrics.mAP?.mean.toFixed(2).padStart(7)}`);
    expect(text).toContain(`queries   ${queries}, and ${skipped} skipped`);
  });

  it("has a line for each of any number of classes", async () => {
    const { choices } = written("classes");
    const report = evaluationReport(await evaluateFiles(choices, quiet), choices);
    const classes = Array.from({ length: 200_000 }, (_, i) => ({ label: `c${i}`, queries: 1, top1: 100, mAP: 50 }));
    const lines = reportText({ ...report, classes }).split("\n");
    expect(lines.filter((line) => /^c\d+ +1 +100\.00 +50\.00$/.test(line))).toHaveLength(200_000);
  });

  it("is all that the command prints with --json, and refused input all that it says besides", () => {
    const { choices } = written("json");
    const program = resolve(import.meta.dirname, "..", "..", "..", "lib/dist/cli/fct.js");
    const words = ["--query", choices.query, "--gallery", choices.gallery, "--labels", choices.labels, "--json"];
    const run = (more: readonly string[]) =>
      spawnSync(process.execPath, [program, "evaluate", ...words, ...more], { encoding: "utf8" });
    const good = run(["--query-labels", choices.queryLabels]);
    expect(good.status).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({
      queries: expect.any(Number),
      metrics: { top1: { low: expect.any(Number) } },
    });
    const bad = run([]);
    expect([bad.status, bad.stdout]).toEqual([1, ""]);
    expect(bad.stderr).toMatch(/error: .*labels\.npy.* 60 labels.*query\.npy.* 40 rows.*--query-labels/);
  });
});

describe("refused with its name is", () => {
  const expectRefusal = (change: Partial<EvaluateChoices>, message: RegExp, from = written("refused")): Promise<void> =>
    expect(evaluateFiles({ ...from.choices, ...change }, quiet)).rejects.toThrow(message);

  it("what does not fit", async () => {
    const made = written("fit");
    const { labels, queryLabels, query } = made.choices;
    await expectRefusal({ labels: queryLabels }, /query-labels\.npy.* 40 labels.*gallery\.npy.* 60 rows/, made);
    await expectRefusal({ queryLabels: labels }, /labels\.npy.* 60 labels.*query\.npy.* 40 rows/, made);
    await expectRefusal({ excludeSelf: true }, /query\.npy.* 40 rows.*gallery\.npy.* 60.*--exclude-self/, made);
    await expectRefusal({ labels: query }, /query\.npy.*<f4, 40 x 4.*1-d array of whole numbers/, made);
    writeMatrix(query, normalRows("wide", 40, 5));
    await expectRefusal({}, /query\.npy.* 5 dimensions.*gallery\.npy.* 4/, made);
  });

  it.each([plenty, 3000])(
    "values that are not finite, and rows without direction, with %d bytes of memory",
    async (memory) => {
      const made = written("values");
      const { rows, columns, data } = made.gallery;
      writeMatrix(made.choices.gallery, matrix(rows, columns, data.with(42, Number.NaN)));
      await expectRefusal({ memory }, /gallery\.npy.* 1 value .*row 10, column 2 \(NaN\)/, made);
      writeMatrix(made.choices.gallery, matrix(rows, columns, data.slice().fill(0, 40, 44)));
      await expectRefusal({ memory, distance: "cosine" }, /gallery\.npy, row 10: .*zeros.*cosine/, made);
      await expect(evaluateFiles({ ...made.choices, memory }, quiet)).resolves.toHaveProperty("result");
    },
  );

  it("a search in which no query has an item of its class", async () => {
    const made = written("none");
    writeLabels(made.choices.queryLabels, new Int32Array(40).fill(99));
    await expectRefusal({}, /query-labels\.npy: no query has .*: 99 is a label here, \d+ in .*labels\.npy$/, made);
    const texts = join(dirname(made.choices.labels), "texts.csv");
    writeFileSync(texts, `class\n${"c1\n".repeat(40)}`);
    await expectRefusal({ queryLabels: texts }, /texts\.csv: .*: "c1" is a label here, \d+ in .*labels\.npy$/, made);
  });

  it.each([
    [["--query", "q", "--gallery", "g"], /required option '--labels <file>' not specified/],
    [["--query", "q", "--gallery", "g", "--labels", "l", "--metric", "l1"], /unknown option '--metric'/],
    [["--distance", "l1"], /'l1' is invalid. Allowed choices are l2, cosine/],
    [["--memory", "0"], /'0' is invalid.*whole number of MiB.* 1/],
    [["--memory", "1GiB"], /'1GiB' is invalid/],
    [["--query", "q", "--gallery", "g", "--labels", "l", "more"], /too many arguments/],
  ])("a command line that is not understood: %j", async (words, said) => {
    expect(await refusal(evaluateCommand(), words)).toMatch(said);
  });
});
