import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Matrix, matrix, selectRows } from "../../lib/core/matrix";
import { projectRoot } from "../../lib/core/paths";
import { type Random, random } from "../../lib/core/random";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";
import type { RetrievalInput } from "../../lib/retrieval/input";
import { tf } from "../../lib/tf/tensorflow";
import { naiveRetrieval } from "./naive-retrieval";
import { normalRows } from "./normal-rows";
import oracle from "./retrieval.golden.json";
import { evaluateItems } from "./same-items";

const asMatrix = (values: readonly number[], columns: number): Matrix =>
  matrix(values.length / columns, columns, Float32Array.from(values));

function gaussian(stream: Random, rows: number, columns: number): Matrix {
  return matrix(
    rows,
    columns,
    Float32Array.from({ length: rows * columns }, () => stream.normal()),
  );
}

const labelled = (rows: number, classes: number): number[] => Array.from({ length: rows }, (_, i) => i % classes);

describe("reference vectors of scikit-learn", () => {
  for (const { name, dim, labels, queries, gallery, expected } of oracle) {
    it(name, () => {
      const result = evaluateItems({ gallery: asMatrix(gallery, dim), query: asMatrix(queries, dim), labels });
      expect(result.queries).toBe(expected.validQueries);
      expect(Math.abs(result.mAP - expected.mAP)).toBeLessThan(1e-9);
      if ("cmc1" in expected) expect(result.top1).toBeCloseTo(expected.cmc1 ?? Number.NaN, 12);
      if ("cmc5" in expected) expect(result.top5).toBeCloseTo(expected.cmc5 ?? Number.NaN, 12);
    });
  }
});

describe("against plain loops", () => {
  it("on random cases without ties", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (seed, rows, classes) => {
          const stream = random("cases", seed);
          const gallery = gaussian(stream, rows, 5);
          const query = gaussian(stream, rows, 5);
          const labels = Array.from({ length: rows }, () => stream.integer(classes));
          const naive = naiveRetrieval(gallery, query, labels);
          const evaluate = () => evaluateItems({ gallery, query, labels });
          if (Number.isNaN(naive.mAP)) return void expect(evaluate).toThrow(`${rows} queries`);
          const { top1, top5, mAP, skipped } = evaluate();
          expect(skipped).toBe(naive.skipped);
          expect([top1, top5]).toEqual([naive.top1, naive.top5]);
          expect(mAP).toBeCloseTo(naive.mAP, 12);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it("with ties: few distinct points, many copies", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 4, max: 80 }), (seed, rows) => {
        const stream = random("ties", seed);
        const points = gaussian(stream, 4, 3);
        const gallery = selectRows(
          points,
          Array.from({ length: rows }, () => stream.integer(4)),
        );
        const labels = [...labelled(rows - 2, 3), 0, 0];
        const { mAP } = evaluateItems({ gallery, query: gallery, labels });
        expect(mAP).toBeCloseTo(naiveRetrieval(gallery, gallery, labels).mAP, 12);
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  it("with separate queries of their own labels", () => {
    const stream = random("separate");
    const gallery = gaussian(stream, 70, 6);
    const query = gaussian(stream, 23, 6);
    const queryLabels = labelled(23, 8);
    const labels = labelled(70, 7);
    const { top1, mAP, skipped } = evaluateItems({ gallery, query, labels, queryLabels, excludeSelf: false });
    const naive = naiveRetrieval(gallery, query, labels, { queryLabels, excludeSelf: false });
    expect({ top1, skipped }).toEqual({ top1: naive.top1, skipped: 2 });
    expect(mAP).toBeCloseTo(naive.mAP, 12);
  });

  it("for points that are close together far from the origin, where 32-bit products cancel", () => {
    const stream = random("far");
    const near = gaussian(stream, 60, 8);
    const gallery = matrix(
      60,
      8,
      near.data.map((value) => 1000 + value * 0.01),
    );
    const labels = labelled(60, 6);
    const { top1, mAP } = evaluateItems({ gallery, query: gallery, labels });
    const naive = naiveRetrieval(gallery, gallery, labels);
    expect(top1).toBe(naive.top1);
    expect(mAP).toBeCloseTo(naive.mAP, 12);
  });
});

describe("properties", () => {
  const stream = random("properties");
  const gallery = gaussian(stream, 150, 8);
  const query = gaussian(stream, 150, 8);
  const labels = labelled(150, 10);
  const { top1, top5, mAP } = evaluateItems({ gallery, query, labels });

  it("the order of the items does not matter", () => {
    const order = stream.permutation(150);
    const moved = evaluateItems({
      gallery: selectRows(gallery, order),
      query: selectRows(query, order),
      labels: Array.from(order, (item) => labels[item] ?? -1),
    });
    expect(moved.mAP).toBeCloseTo(mAP, 12);
    expect([moved.top1, moved.top5]).toEqual([top1, top5]);
  });

  it("reflection and doubling leave distances' order, exactly in binary", () => {
    const doubled = (source: Matrix): Matrix =>
      matrix(
        source.rows,
        source.columns,
        source.data.map((value) => -2 * value),
      );
    const result = evaluateItems({ gallery: doubled(gallery), query: doubled(query), labels });
    expect(result.mAP).toBeCloseTo(mAP, 12);
  });

  it("cosine distance ignores lengths", () => {
    const stretched = matrix(
      150,
      8,
      gallery.data.map((value, at) => value * 2 ** (Math.floor(at / 8) % 5)),
    );
    const plain = evaluateItems({ gallery, query, labels, distance: "cosine" });
    const other = evaluateItems({ gallery: stretched, query, labels, distance: "cosine" });
    expect(other.mAP).toBeCloseTo(plain.mAP, 9);
    expect(other.mAP).not.toBeCloseTo(mAP, 3);
  });

  it("moving a relevant item onto its query never lowers the query's precision", () => {
    const moved = matrix(150, 8, gallery.data.slice());
    moved.data.set(query.data.subarray(0, 8), 10 * 8);
    const before = evaluateItems({ gallery, query, labels }).perQuery.averagePrecision[0] ?? 1;
    const after = evaluateItems({ gallery: moved, query, labels }).perQuery;
    expect(after.averagePrecision[0]).toBeGreaterThan(before);
    expect(after.firstMatch[0]).toBe(1);
  });

  it("separated classes give 1, and random points chance", () => {
    const separated = matrix(150, 1, Float32Array.from(labels));
    expect(evaluateItems({ gallery: separated, query: separated, labels }).mAP).toBe(1);
    expect(Math.abs(top1 - 14 / 149)).toBeLessThan(3 * Math.sqrt((0.094 * 0.906) / 150));
  });

  it("the only relevant item last of n gives 1 / n", () => {
    const line = matrix(
      12,
      1,
      Float32Array.from({ length: 12 }, (_, i) => i),
    );
    const { perQuery } = evaluateItems({
      gallery: line,
      query: line,
      labels: [7, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 7],
    });
    expect(perQuery.averagePrecision[0]).toBeCloseTo(1 / 11, 12);
    expect(perQuery.firstMatch[0]).toBe(11);
    expect(perQuery.firstMatch[1]).toBe(0);
  });

  it("leaves no tensor behind", () => {
    const before = tf.memory().numTensors;
    evaluateItems({ gallery, query, labels });
    expect(tf.memory().numTensors).toBe(before);
  });
});

/**
 * The megabytes by which the most memory that a fresh process has ever held grows during `work`, a
 * program. The process has searched before, so that TensorFlow is loaded.
 */
function megabytesOf(work: string): number {
  const program = `
    const compiled = process.argv[1];
    const { matrix } = require(compiled + "/core/matrix");
    const { random } = require(compiled + "/core/random");
    const { evaluateRetrieval } = require(compiled + "/retrieval/evaluate");
    const evaluate = (rows) => {
      const stream = random("memory", rows);
      const gallery = matrix(rows, 16, Float32Array.from({ length: 16 * rows }, () => stream.normal()));
      evaluateRetrieval({ gallery, query: gallery, labels: Int32Array.from({ length: rows }, (_, i) => i % (rows / 4)) });
    };
    evaluate(400);
    // Loading TensorFlow took more for a moment: the highest mark starts anew from what is held now.
    require("node:fs").writeFileSync("/proc/self/clear_refs", "5");
    const before = process.resourceUsage().maxRSS;
    ${work};
    console.log((process.resourceUsage().maxRSS - before) / 1024);`;
  const compiled = join(projectRoot(), "lib", "dist");
  const run = [process.execPath, ["-e", program, compiled]] as const;
  return Number(execFileSync(...run, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
}

describe("memory", () => {
  it("does not grow with the square of the gallery: 12,000 items would need 576 MB of 32-bit distances", () => {
    expect(megabytesOf("evaluate(12_000)")).toBeLessThan(200);
    expect(megabytesOf("new Float32Array(12_000 ** 2).fill(1)")).toBeGreaterThan(500);
  });
});

describe("wrong input", () => {
  const good = { gallery: matrix(3, 2), query: matrix(3, 2), labels: [0, 0, 1] };
  const withValue = (value: number): Matrix => matrix(3, 2, Float32Array.of(0, 0, 0, value, 0, 0));

  it("names the bad value and what is allowed", () => {
    expect(() => evaluateItems({ ...good, query: matrix(3, 4) })).toThrow(/query: .* 2 dimensions .* 4/);
    expect(() => evaluateItems({ ...good, labels: [0, 1] })).toThrow(/labels: .* 3 .* got 2/);
    expect(() => evaluateItems({ ...good, gallery: withValue(Number.NaN) })).toThrow(/gallery row 1, column 1: .* NaN/);
    expect(() => evaluateItems({ ...good, query: withValue(Number.POSITIVE_INFINITY) })).toThrow(
      /query row 1, column 1: .* Infinity/,
    );
    expect(() => evaluateItems({ ...good, gallery: matrix(0, 2), labels: [] })).toThrow(/gallery: .* 1 x 1, got 0 x 2/);
    expect(() => evaluateItems({ ...good, query: matrix(2, 2), queryLabels: [0, 1] })).toThrow(
      /excludeSelf: .* 2 query rows/,
    );
  });
});

describe("by cosine", () => {
  /** Directions that differ by less than 32 bits can say: (1, k e, 0, ...) of many lengths. */
  const near = (count: number, labels: readonly number[]): RetrievalInput => {
    const data = Float32Array.from({ length: 4 * count }, (_, at) => {
      const i = Math.floor(at / 4);
      return [3 + i, (3 + i) * 1e-8 * i ** 2, 0, 0][at % 4] as number;
    });
    const gallery = matrix(count, 4, data);
    return { gallery, query: gallery, labels, excludeSelf: true, distance: "cosine" };
  };

  it("directions closer than 32 bits can tell apart are ranked exactly", () => {
    const count = 40;
    const labels = Array.from({ length: count }, (_, i) => (i * 7) % 5);
    const input = near(count, labels);
    const { data } = input.gallery;
    const slope = (i: number): number => (data[4 * i + 1] as number) / (data[4 * i] as number);
    const { perQuery } = evaluateRetrieval(input);
    for (let q = 0; q < count; q++) {
      const order = [...labels.keys()].filter((item) => item !== q);
      const distance = (item: number): number => Math.abs(Math.atan(slope(item)) - Math.atan(slope(q)));
      order.sort((a, b) => distance(a) - distance(b));
      expect(perQuery.firstMatch[q]).toBe(1 + order.findIndex((item) => labels[item] === labels[q]));
    }
  });
});

describe("by default", () => {
  it("nothing is left out: a row finds itself, and another's row i may be found", () => {
    const gallery = normalRows("default", 20, 4);
    const labels = Array.from({ length: 20 }, (_, i) => i % 7);
    expect(evaluateRetrieval({ gallery, query: gallery, labels }).top1).toBe(1);
    expect(
      evaluateRetrieval({ gallery, query: matrix(1, 4, gallery.data.slice(0, 4)), labels, queryLabels: [0] }).top1,
    ).toBe(1);
  });

  it.each([
    [BigInt64Array.of(1n, 1n), /labels\[0\]: .*Float64Array\.from\(labels, Number\)\), got 1/],
    [["cat", "dog"], /labels\[0\]: .*number the classes.*got cat/],
    [[true, false], /labels\[0\]: .*number the classes.*got true/],
    [
      [
        [1, 0],
        [0, 1],
      ],
      /labels\[0\]: .*class of each row/,
    ],
  ])("labels of another type are refused with what to do: %s", (labels, message) => {
    const gallery = normalRows("types", 2, 2);
    const given = labels as unknown as readonly number[];
    expect(() => evaluateRetrieval({ gallery, query: gallery, labels: given })).toThrow(message);
  });
});
