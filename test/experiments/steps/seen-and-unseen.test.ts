import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { classesOf } from "../../../lib/data/splits/class-selection";
import { testEmbeddings, testSplit } from "../../../lib/experiments/look";
import { runTable } from "../../../lib/experiments/run";
import type { Table } from "../../../lib/experiments/table";
import { temporaryFolder } from "../../temporary-folder";
import { toyShapes } from "../../training/shapes-toy";
import { toyModels } from "../toy-updates";

const { old } = toyModels(0);
const measures = ["seenTop1", "seenMAP", "unseenTop1", "unseenMAP"];

/** Old / old, with the classes that it was trained on apart. */
function toyTable(seen: typeof old.recipe.classes): Table {
  return {
    id: "toy-seen",
    title: "Seen and unseen classes in small",
    notebook: "none",
    scales: { tiny: { seeds: 1, dataset: "drawn shapes" } },
    gap: null,
    measures: measures.map((id) => ({ id, title: id, decimals: 1 })),
    rows: () => {
      const measurements = [{ kind: "seen-and-unseen", seen }] as const;
      return [{ id: "old", label: "old", query: old, gallery: old, dataset: toyShapes, reported: [], measurements }];
    },
  };
}

const run = (table: Table) => runTable(table, { scale: "tiny", compute: true, progress: "notebook" });

beforeEach(() => {
  vi.stubEnv("FCT_CACHE", temporaryFolder());
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it("reports the queries of either kind of class apart, each in the gallery of all", async () => {
  const [row] = (await run(toyTable(old.recipe.classes))).rows;
  const { labels, classNames } = await testSplit(toyShapes);
  const { data, columns } = await testEmbeddings(old, toyShapes);
  const vector = (index: number): Float32Array => data.subarray(index * columns, (index + 1) * columns);
  const seen = new Set(classesOf(old.recipe.classes, classNames));
  expect(seen.size).toBe(classNames.length / 2);
  const found = { seen: [] as number[], unseen: [] as number[] };
  labels.forEach((label, query) => {
    const others = [...labels.keys()].filter((index) => index !== query);
    const distance = (index: number): number =>
      vector(index).reduce((sum, value, i) => sum + (value - (vector(query)[i] ?? 0)) ** 2, 0);
    const order = others.sort((a, b) => distance(a) - distance(b) || a - b);
    found[seen.has(label) ? "seen" : "unseen"].push(labels[order[0] ?? -1] === label ? 1 : 0);
  });
  const percent = (hits: readonly number[]): number => (100 * hits.reduce((a, b) => a + b, 0)) / hits.length;
  const details = row?.details ?? {};
  expect(details.seenTop1?.mean).toBeCloseTo(percent(found.seen), 3);
  expect(details.unseenTop1?.mean).toBeCloseTo(percent(found.unseen), 3);
  // The means over all queries are those of both kinds, weighted by their number.
  const share = found.seen.length / labels.length;
  for (const [whole, known, unknown] of [
    ["top1", "seenTop1", "unseenTop1"],
    ["mAP", "seenMAP", "unseenMAP"],
  ] as const) {
    const mixed = share * (details[known]?.mean ?? 0) + (1 - share) * (details[unknown]?.mean ?? 0);
    expect(row?.metrics[whole].mean).toBeCloseTo(mixed, 3);
  }
});

it("refuses to call all classes seen", async () => {
  await expect(run(toyTable("all"))).rejects.toThrow(/^seen classes: expected fewer than all/);
});
