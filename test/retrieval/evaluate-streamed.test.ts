import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matrix } from "../../lib/core/matrix";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";
import { evaluateStreamed } from "../../lib/retrieval/evaluate-streamed";
import { distances, type RetrievalInput } from "../../lib/retrieval/input";
import { tf } from "../../lib/tf/tensorflow";
import { memorySource } from "../core/memory-source";
import { normalRows, randomLabels } from "./normal-rows";

type StreamedInput = Parameters<typeof evaluateStreamed>[0];

function streamed(input: Required<RetrievalInput>, memory: number): StreamedInput {
  const gallery = memorySource("gallery", input.gallery);
  return { ...input, gallery, query: memorySource("query", input.query), memory };
}

describe("streamed in blocks, a search gives every query the ranks and precisions of the whole in memory, to the bit,", () => {
  it("for any sizes, memory, distance and ties, with and without itself", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          name: fc.string(),
          items: fc.integer({ min: 2, max: 40 }),
          queries: fc.integer({ min: 1, max: 25 }),
          columns: fc.integer({ min: 1, max: 6 }),
          classes: fc.integer({ min: 1, max: 9 }),
          whole: fc.boolean(),
          self: fc.boolean(),
          distance: fc.constantFrom(...distances),
          memory: fc.constantFrom(1, 1_500, 5_000, 12_000, 1e9),
        }),
        async ({ name, items, queries, columns, classes, whole, self, distance, memory }) => {
          const gallery = normalRows(name, items, columns, whole && distance === "l2");
          const own = normalRows(`${name} queries`, queries, columns, whole && distance === "l2");
          const labels = randomLabels(name, items, classes);
          const sides = self
            ? { query: gallery, queryLabels: labels }
            : { query: own, queryLabels: randomLabels(`${name} queries`, queries, classes) };
          const input = { gallery, labels, ...sides, excludeSelf: self, distance };
          const inMemory = (): unknown => evaluateRetrieval(input);
          const inParts = evaluateStreamed(streamed(input, memory));
          const error = await inParts.then(
            () => null,
            (reason: unknown) => (reason as Error).message,
          );
          if (error !== null) return void expect(inMemory).toThrow(error);
          expect(await inParts).toEqual(inMemory());
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  it("when every point is there many times, in every block", async () => {
    const points = matrix(3, 2, Float32Array.of(0, 0, 1, 0, 0, 2));
    const data = Float32Array.from({ length: 2 * 90 }, (_, i) => points.data[i % 6] ?? 0);
    const gallery = matrix(90, 2, data);
    const labels = Int32Array.from({ length: 90 }, (_, i) => (i * i) % 7);
    const input = { gallery, query: gallery, labels, queryLabels: labels, excludeSelf: true, distance: "l2" as const };
    const whole = evaluateRetrieval(input);
    for (const memory of [3_000, 9_000]) expect(await evaluateStreamed(streamed(input, memory))).toEqual(whole);
  });
});

const labels = [0, 0, 1];
const good: Required<RetrievalInput> = {
  gallery: normalRows("good", 3, 2),
  query: normalRows("good", 3, 2),
  labels,
  queryLabels: labels,
  excludeSelf: true,
  distance: "l2",
};

it("progress grows to 1, and no tensor is left", async () => {
  const shares: number[] = [];
  const before = tf.memory().numTensors;
  await evaluateStreamed({ ...streamed(good, 1), onProgress: (share) => shares.push(share) });
  expect(shares).toHaveLength(9);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.at(-1)).toBe(1);
  expect(tf.memory().numTensors).toBe(before);
});

it("input without meaning is refused, with the value", async () => {
  const expectRefusal = (change: Partial<Required<RetrievalInput>>, message: RegExp, memory = 100): Promise<void> =>
    expect(evaluateStreamed(streamed({ ...good, ...change }, memory))).rejects.toThrow(message);
  await expectRefusal({ query: normalRows("wide", 3, 4) }, /query: .* 2 dimensions .* 4/);
  await expectRefusal({ labels: [0, 1] }, /labels: .* 3 .* got 2/);
  await expectRefusal({ queryLabels: [0, 0.5, 1] }, /queryLabels\[1\]: .* 0\.5/);
  await expectRefusal({ query: normalRows("few", 2, 2), queryLabels: [0, 1] }, /excludeSelf: .* 2 query rows and 3/);
  await expectRefusal({ labels: [5, 6, 7] }, /labels: .* 3 queries .* none/);
  await expectRefusal({}, /memory: .* above 0, got 0/, 0);
});
