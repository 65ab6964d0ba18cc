import { describe, expect, test } from "vitest";
import type { ScoredRow } from "../../../lib/retrieval/scores/block";
import { approximateRows, type Embeddings, pairedBlocks, pairedRows } from "../../../lib/retrieval/scores/blocks";
import { scoreMemory } from "../../../lib/retrieval/scores/memory";
import { tf } from "../../../lib/tf/tensorflow";
import { normalRows } from "../normal-rows";

describe("pairedRows", () => {
  const query = normalRows("query", 9, 3);
  const first = { gallery: normalRows("first", 20, 3), query };
  const second = { gallery: normalRows("second", 20, 3), query };

  function rowsOf(one: Embeddings, other: Embeddings) {
    const memory = scoreMemory();
    return pairedRows(pairedBlocks(one, other, memory), memory);
  }

  test("are the rows of both searches, query by query", () => {
    const scoresOf = ({ query: index, scores }: ScoredRow) => ({ index, scores: [...scores] });
    const pairs = Array.from(rowsOf(first, second), (pair) => pair.map(scoresOf));
    const alone = (side: Embeddings) => Array.from(approximateRows(side, scoreMemory(), { whole: true }), scoresOf);
    expect(pairs.map(([row]) => row)).toEqual(alone(first));
    expect(pairs.map(([, row]) => row)).toEqual(alone(second));
  });

  test("refuse unequal numbers of queries and of gallery rows, and leave no tensor behind where the caller stops early", () => {
    const before = tf.memory().numTensors;
    for (const [{ query: index }] of rowsOf(first, second)) if (index === 3) break;
    const fewer = { ...second, query: normalRows("query", 7, 3) };
    expect(() => rowsOf(first, fewer)).toThrow("7 queries beside 9: they must be as many");
    const larger = { ...second, gallery: normalRows("larger", 31, 3) };
    expect(() => rowsOf(first, larger)).toThrow("31 gallery rows beside 20: they must be as many");
    expect(tf.memory().numTensors).toBe(before);
  });
});
