import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { loadDataset } from "../../../lib/data/load-dataset";
import { synthetic } from "../../../lib/data/readers/synthetic";
import { bytesOf } from "../../bytes-of";

const recipe = { side: 32, classes: 12, perClass: 3, seed: 5 };
const { train, test } = synthetic(recipe);
const all = Int32Array.from(train.labels.keys());

/** Amplitude of a grey image at every pair of whole frequencies up to 4: what a shift leaves as it is. */
function spectrum(image: Float32Array, side: number): number[] {
  return Array.from({ length: 81 }, (_, at) => {
    const [down, across] = [Math.floor(at / 9) - 4, (at % 9) - 4];
    let [real, imaginary] = [0, 0];
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const angle = (2 * Math.PI * (down * y + across * x)) / side;
        const value = image[(y * side + x) * 3] ?? 0;
        real += value * Math.cos(angle);
        imaginary += value * Math.sin(angle);
      }
    }
    return Math.hypot(real, imaginary);
  });
}

describe("synthetic images", () => {
  it("have every class as often, and names whose order as text is that of the labels", () => {
    expect([...train.labels]).toEqual(Array.from({ length: 36 }, (_, i) => Math.floor(i / 3)));
    expect(train.classNames.toSorted()).toEqual(train.classNames);
    expect(train.classNames).toHaveLength(12);
  });

  it("are normalised, and differ from each other and between the splits", async () => {
    const values = await train.load(all);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(Math.abs(Math.sqrt(variance) - 1)).toBeLessThan(0.1);
    const size = 32 * 32 * 3;
    const others = await test.load(all);
    const images = [values, others].flatMap((split) =>
      [...all].map((i) => bytesOf({ image: { shape: [size], data: split.slice(i * size, (i + 1) * size) } })),
    );
    expect(new Set(images).size).toBe(72);
  });

  it("show their class: the training class of the nearest spectrum is a test image's own far more often than by chance", async () => {
    const size = 32 * 32 * 3;
    const spectra = async (split: typeof train) => {
      const values = await split.load(all);
      return [...all].map((i) => spectrum(values.subarray(i * size, (i + 1) * size), 32));
    };
    const known = await spectra(train);
    const right = (await spectra(test)).filter((wanted, i) => {
      const distances = known.map((other) => Math.hypot(...other.map((value, k) => value - (wanted[k] ?? 0))));
      return train.labels[distances.indexOf(Math.min(...distances))] === test.labels[i];
    });
    expect(right.length).toBeGreaterThan(18);
  });

  it("depend on recipe, index and stream alone", async () => {
    const dataset = await loadDataset({ name: "synthetic", ...recipe });
    const load = (split: typeof train, ...indices: number[]) =>
      split.load(Int32Array.from(indices), {
        augmentation: { kind: "resized-crop", minArea: 0.1 },
        random: random(3),
      });
    const both = await load(train, 8, 4);
    expect(await load(dataset.train, 4)).toEqual(both.slice(32 * 32 * 3));
    expect(await load(synthetic({ ...recipe, seed: 6 }).train, 4)).not.toEqual(both.slice(32 * 32 * 3));
    await expect(load(train, 36)).rejects.toThrow("image 36 of a split of 36");
  });

  it.each([
    [{ side: 7 }, /^side .*at least 8, got 7$/],
    [{ classes: 0 }, /classes: .*at least 1, got 0$/],
    [{ perClass: 1.5 }, /perClass: .*got 1.5$/],
  ])("refuse %j", (wrong, message) => {
    expect(() => synthetic({ ...recipe, ...wrong })).toThrow(message);
  });
});
