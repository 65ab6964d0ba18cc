import { describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { shapes } from "../../../lib/data/readers/shapes";
import { type ClassSelection, classesOf, selectedSplit } from "../../../lib/data/splits/class-selection";

const numbers = Array.from({ length: 100 }, (_, label) => String(label));
const shares = (fraction: number, shuffle: number | null): ClassSelection => ({ fraction, shuffle });

describe("selectedSplit", () => {
  const { train } = shapes({ side: 8, perClass: 5, seed: 1 });
  const half = { fraction: 0.5, shuffle: 3 } as const;
  const images = async (selection: ClassSelection): Promise<readonly string[]> => {
    const { labels, pixels } = selectedSplit(train, selection);
    return Promise.all(Array.from(labels, async (label, i) => `${label} ${sha256(await pixels(i))}`));
  };

  it("is the images of the selected classes, in the split's order", async () => {
    const classes = classesOf(half, train.classNames);
    expect([...selectedSplit(train, half).labels]).toEqual(
      [...train.labels].filter((label) => classes.includes(label)),
    );
    expect(await images("all")).toHaveLength(train.labels.length);
  });

  it("takes the same share of every class's images; a smaller share is part of a larger one", async () => {
    const whole = await images(half);
    let last: readonly string[] = [];
    for (const [share, each] of [
      [0.01, 1],
      [0.4, 2],
      [0.8, 4],
      [1, 5],
    ] as const) {
      const chosen = await images({ ...half, images: share });
      const counts = new Map<string, number>();
      for (const line of chosen) counts.set(line.split(" ")[0] ?? "", (counts.get(line.split(" ")[0] ?? "") ?? 0) + 1);
      expect(new Set(counts.values())).toEqual(new Set([each]));
      expect(counts.size).toBe(18);
      expect(chosen).toEqual(whole.filter((line) => chosen.includes(line)));
      for (const line of last) expect(chosen).toContain(line);
      last = chosen;
    }
    expect(await images({ ...half, images: 1 })).toEqual(whole);
    const folders = selectedSplit(train, { folders: ["red"], images: 0.4 });
    expect(folders.labels).toHaveLength(12);
  });

  it("draws images by the name of their class, and not the first ones alone", async () => {
    const chosen = await images({ fraction: 1, shuffle: null, images: 0.2 });
    const first = await Promise.all(
      [...train.classNames.keys()].map(async (label) => `${label} ${sha256(await train.pixels(5 * label))}`),
    );
    expect(chosen).not.toEqual(first);
  });

  it("takes no time by the product of images and classes", () => {
    const classNames = Array.from({ length: 20_000 }, (_, label) => `class ${label}`);
    const labels = Int32Array.from({ length: 200_000 }, (_, index) => index % classNames.length);
    const start = performance.now();
    const chosen = selectedSplit({ ...train, labels, classNames }, { fraction: 1, shuffle: null, images: 0.5 });
    // A comparison of each image with each class took more than a minute.
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(chosen.labels).toHaveLength(100_000);
  });

  it.each([0, -1, 1.1, Number.NaN])("refuses a share of %d", (share) => {
    expect(() => selectedSplit(train, { ...half, images: share })).toThrow(
      `share of images: expected above 0 and at most 1, got ${share}`,
    );
  });
});

describe("classesOf", () => {
  it("selects all classes", () => {
    expect([...classesOf("all", ["b", "a", "c"])]).toEqual([0, 1, 2]);
  });

  it("takes the first half in the order of the names as text: of 0 .. 99 these are 0-5 and 10-53", () => {
    const expected = [0, 1, 2, 3, 4, 5, ...Array.from({ length: 44 }, (_, i) => i + 10)];
    expect([...classesOf(shares(0.5, null), numbers)]).toEqual(expected);
  });

  it("shuffles by the seed of the recipe, and a quarter is part of the half", () => {
    const half = classesOf(shares(0.5, 7), numbers);
    expect(half).toHaveLength(50);
    expect(half).toEqual(classesOf(shares(0.5, 7), numbers));
    expect(half).not.toEqual(classesOf(shares(0.5, 8), numbers));
    expect(half).toEqual(half.slice().sort());
    const quarter = classesOf(shares(0.25, 7), numbers);
    expect(quarter).toHaveLength(25);
    for (const label of quarter) expect(half).toContain(label);
  });

  it("selects by name, whatever the order of the labels", () => {
    const names = ["d", "b", "a", "c"];
    const chosen = (order: readonly string[]): string[] =>
      [...classesOf(shares(0.5, 3), order)].map((label) => order[label] ?? "").sort();
    expect(chosen(names)).toEqual(chosen([...names].reverse()));
  });

  it("selects the classes of folders", () => {
    const names = ["Greek/1", "Greek/2", "Greek_new/1", "Latin/1"];
    expect([...classesOf({ folders: ["Latin", "Greek"] }, names)]).toEqual([0, 1, 3]);
    expect(() => classesOf({ folders: ["Gree"] }, names)).toThrow(
      'no class in folder "Gree": there are Greek, Greek_new, Latin',
    );
    expect(() => classesOf({ folders: [] }, names)).toThrow("at least one");
  });

  it("refuses shares that give no whole number of classes, and empty selections", () => {
    expect(() => classesOf(shares(0.5, null), ["a", "b", "c", "d", "e"])).toThrow("fraction 0.5 of 5 classes is 2.5");
    expect(() => classesOf(shares(1e-9, null), ["a", "b"])).toThrow("a whole number of at least 1");
    for (const fraction of [0, -0.5, 1.5, Number.NaN]) {
      expect(() => classesOf(shares(fraction, null), numbers)).toThrow(
        new RegExp(`^class fraction: .*at most 1, got ${fraction}$`),
      );
    }
    expect(() => classesOf("all", [])).toThrow("got 0");
  });

  it("draws by the run's own seed what a number of that value draws", () => {
    const own = (seed: number): Int32Array => classesOf({ fraction: 0.5, shuffle: { seed } }, numbers);
    for (const seed of [0, 7]) expect(own(seed)).toEqual(classesOf(shares(0.5, seed), numbers));
    expect(own(1)).not.toEqual(own(2));
  });

  it("takes thirds exactly", () => {
    expect(classesOf(shares(1 / 3, 0), numbers.slice(0, 99))).toHaveLength(33);
  });
});
