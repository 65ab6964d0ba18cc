import { describe, expect, it } from "vitest";
import { atMost } from "../../../lib/data/readers/read-images";

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("atMost", () => {
  it("runs every index once, in order, never more than the limit at once", async () => {
    const started: number[] = [];
    let running = 0;
    let most = 0;
    await atMost(3, 20, async (index) => {
      started.push(index);
      most = Math.max(most, ++running);
      for (let i = 0; i <= index % 4; i++) await soon();
      running--;
    });
    expect(started).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(most).toBe(3);
  });

  it("starts nothing after the first error, and throws it", async () => {
    const started: number[] = [];
    const failing = atMost(2, 100, async (index) => {
      started.push(index);
      await soon();
      if (index === 4) throw new Error("broken at 4");
    });
    await expect(failing).rejects.toThrow("broken at 4");
    await soon();
    expect(started.length).toBeLessThanOrEqual(6);
  });

  it("runs nothing for nothing, and refuses limits that are none", async () => {
    await atMost(4, 0, () => Promise.reject(new Error("never")));
    for (const limit of [0, 1.5, Number.NaN]) await expect(atMost(limit, 1, soon)).rejects.toThrow(`${limit} at once`);
  });
});
