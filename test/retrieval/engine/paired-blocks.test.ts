import { describe, expect, test } from "vitest";
import { inScoreMemory } from "../../../lib/retrieval/engine/kept/between-searches";
import { pairedRows } from "../../../lib/retrieval/engine/paired-blocks";
import type { ScoredRow } from "../../../lib/retrieval/engine/scores/block";
import { type Sides, scoredRows } from "../../../lib/retrieval/engine/scores/blocks";
import { tf } from "../../../lib/tf/tensorflow";
import { normalRows } from "../normal-rows";

describe("pairedRows", () => {
  const query = normalRows("query", 9, 3);
  const first = { gallery: normalRows("first", 20, 3), query };
  const second = { gallery: normalRows("second", 20, 3), query };

  test("are the rows of both searches, query by query", () => {
    const scoresOf = ({ query: index, scores }: ScoredRow) => ({ index, scores: [...scores] });
    const pairs = inScoreMemory((memory) =>
      Array.from(pairedRows(first, second, memory), (pair) => pair.map(scoresOf)),
    );
    const alone = (side: Sides) =>
      inScoreMemory((memory) => Array.from(scoredRows(side, memory, { whole: true }), scoresOf));
    expect(pairs.map(([row]) => row)).toEqual(alone(first));
    expect(pairs.map(([, row]) => row)).toEqual(alone(second));
  });

  test("refuse unequal numbers of queries and of gallery rows, and leave no tensor behind if the caller stops early", () => {
    const before = tf.memory().numTensors;
    const visit = (second: Sides): void =>
      inScoreMemory((memory) => {
        for (const [{ query: index }] of pairedRows(first, second, memory)) if (index === 3) break;
      });
    visit(second);
    const fewer = { ...second, query: normalRows("query", 7, 3) };
    expect(() => visit(fewer)).toThrow(/9 queries .* got 7/);
    const larger = { ...second, gallery: normalRows("larger", 31, 3) };
    expect(() => visit(larger)).toThrow(/20 gallery rows .* got 31/);
    expect(tf.memory().numTensors).toBe(before);
  });
});
