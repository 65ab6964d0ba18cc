import { describe, expect, test } from "vitest";
import { random } from "../../../lib/core/random";
import { classBalancedBatches } from "../../../lib/training/loop/class-balanced-batches";

/** Classes 7, 3 and 9 with 8 images each, class 4 with 3. */
const labels = Int32Array.from([...new Array(8).fill([7, 3, 9]).flat(), 4, 4, 4]);
const sizes = { batchSize: 8, perClass: 4 };
const drawn = (seed: number) => classBalancedBatches(labels, sizes, random(seed));

describe("class-balanced batches", () => {
  test("hold perClass images of each of their classes", () => {
    for (const batch of drawn(0)) {
      const counts = new Map<number, number>();
      for (const index of batch) counts.set(labels[index] ?? -1, (counts.get(labels[index] ?? -1) ?? 0) + 1);
      expect([...counts.values()]).toEqual([4, 4]);
    }
  });

  test("add up to about the number of images", () => {
    expect(drawn(0).length).toBe(3);
    expect(classBalancedBatches(labels, { batchSize: 4, perClass: 2 }, random(0)).length).toBe(7);
  });

  test("visit every image once if the classes are of equal size and fill the batches", () => {
    const equal = labels.slice(0, 24);
    const batches = classBalancedBatches(equal, { batchSize: 12, perClass: 4 }, random(5));
    const visited = batches.flatMap((batch) => Array.from(batch)).sort((a, b) => a - b);
    expect(visited).toEqual([...equal.keys()]);
  });

  test("repeat an image only of a class with too few", () => {
    for (let seed = 0; seed < 20; seed++) {
      for (const batch of drawn(seed)) {
        const repeated = [...batch].filter((index, i) => batch.indexOf(index) !== i);
        expect(repeated.every((index) => labels[index] === 4)).toBe(true);
      }
    }
  });

  test("are the same again and others of another stream", () => {
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(2)).not.toEqual(drawn(1));
  });

  test.each([
    [{ batchSize: 8, perClass: 1 }, /images of a class.*at least 2.* 1$/],
    [{ batchSize: 9, perClass: 2 }, /batch of 9 with 2 images.* 4\.5$/],
    [{ batchSize: 4, perClass: 4 }, /batch of 4 .*from 2 to 4.* 1$/],
    [{ batchSize: 20, perClass: 4 }, /batch of 20 .*from 2 to 4.* 5$/],
  ])("refuse %o", (wrong, message) => {
    expect(() => classBalancedBatches(labels, wrong, random(0))).toThrow(message);
  });
});
