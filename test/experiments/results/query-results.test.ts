import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sealed, writeArtifact } from "../../../lib/core/artifacts/store";
import { random } from "../../../lib/core/random";
import {
  packedQueries,
  queriesFile,
  queriesOfTable,
  queryValues,
  readQueries,
} from "../../../lib/experiments/results/query-results";
import type { MetricName } from "../../../lib/experiments/results/result";
import { temporaryFolder } from "../../temporary-folder";

const classes = Int32Array.from({ length: 70 }, (_, i) => i % 7);
const stream = random("query results");
const some = (valueAt: () => number): Float64Array =>
  Float64Array.from(classes, (_, i) => (i === 33 ? Number.NaN : valueAt()));
const hit = (): number => stream.integer(2);
const plain = { top1: some(hit), top5: some(hit), mAP: some(() => Math.fround(stream.uniform())) };
const curve = { ...plain, top1: some(() => Math.fround(stream.integer(23) / 22)) };
const table = queriesOfTable([
  { row: "FCT, direct-0-0", seed: 3, results: packedQueries(classes, plain) },
  { row: "filled", seed: 3, results: packedQueries(classes, curve) },
  { row: "other", seed: 3, results: packedQueries(Int32Array.from(classes).reverse(), plain) },
]);

describe("the results of every query", () => {
  test.each([
    ["FCT, direct-0-0", plain],
    ["filled", curve],
  ])("of %s come back in percent, with skipped queries as NaN", (row, given) => {
    for (const metric of ["top1", "top5", "mAP"] as const satisfies readonly MetricName[]) {
      const found = queryValues(table, { row, seed: 3, metric });
      expect([...found.values]).toEqual([...given[metric]].map((value) => 100 * value));
      expect(found.classes).toEqual(classes);
    }
  });

  test("take bits for hits, and one list of classes for all rows that have it", () => {
    expect(table.arrays["3/FCT, direct-0-0/top1"]?.shape).toEqual([3]);
    expect(table.arrays["3/filled/top1"]?.shape).toEqual([70]);
    expect(table.facts.classes).toEqual({ "3/FCT, direct-0-0": 0, "3/filled": 0, "3/other": 1 });
  });

  test("are asked for by row and seed", () => {
    expect(() => queryValues(table, { row: "filled", seed: 0, metric: "top1" })).toThrow(/row filled with seed 0/);
  });
});

describe("the file beside a result", () => {
  const result = { table: "main", queries: { key: "k", sha256: sealed(table).digest } };

  test("is read if it is the one that the result names, and not asked for by a result without", () => {
    const folder = temporaryFolder();
    writeArtifact(join(folder, queriesFile("main")), table);
    expect(readQueries(result, folder)).toEqual(table);
    expect(readQueries({ table: "main" }, folder)).toBeNull();
  });

  test("is refused by name if it is of another run, damaged or missing", () => {
    const folder = temporaryFolder();
    const file = join(folder, queriesFile("main"));
    writeArtifact(file, table);
    const other = { ...result, queries: { ...result.queries, sha256: "0".repeat(64) } };
    expect(() => readQueries(other, folder)).toThrow(/main-queries\.safetensors.*not of the run in main\.json/s);
    const bytes = readFileSync(file);
    bytes.writeUInt8((bytes.at(-5) ?? 0) ^ 1, bytes.length - 5);
    writeFileSync(file, bytes);
    expect(() => readQueries(result, folder)).toThrow(/main-queries\.safetensors.*checksum/s);
    expect(() => readQueries(result, join(folder, "nowhere"))).toThrow(/main-queries\.safetensors.*missing/s);
  });
});
