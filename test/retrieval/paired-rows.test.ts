import { describe, expect, test } from "vitest";
import { approximateRows } from "../../lib/retrieval/approximate-rows";
import { pairedRows } from "../../lib/retrieval/paired-rows";
import { tf } from "../../lib/tf/tensorflow";
import { normalRows } from "./normal-rows";

describe("pairedRows", () => {
  const query = normalRows("query", 9, 3);
  const first = { gallery: normalRows("first", 20, 3), query };
  const second = { gallery: normalRows("second", 31, 3), query };

  test("are the rows of both searches, query by query", () => {
    const pairs = Array.from(pairedRows(first, second));
    expect(pairs.map(([row]) => row)).toEqual([...approximateRows(first)]);
    expect(pairs.map(([, row]) => row)).toEqual([...approximateRows(second)]);
  });

  test("refuse unequal numbers of queries, and leave no tensor behind where the caller stops early", () => {
    const before = tf.memory().numTensors;
    for (const [{ query: index }] of pairedRows(first, second)) if (index === 3) break;
    const fewer = { ...second, query: normalRows("query", 7, 3) };
    expect(() => Array.from(pairedRows(first, fewer))).toThrow("7 queries beside 9: they must be as many");
    expect(tf.memory().numTensors).toBe(before);
  });
});
