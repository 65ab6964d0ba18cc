import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { augment, checkAugmentation } from "../../../lib/data/images/augment";
import { type ColourChange, type ColourDraws, changeColours, colourDraws } from "../../../lib/data/images/colour";

const stream = random(5, "colour");
const pixels = 60;
const image = Float32Array.from({ length: 3 * pixels }, () => stream.integer(256));
// Grey pixels, whose hue is undefined, and the corners of the cube.
image.set([0, 0, 0, 255, 255, 255, 90, 90, 90, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 255, 0, 255, 0, 255, 255]);

type Rgb = readonly [number, number, number];

const rgbOf = (values: ArrayLike<number>): readonly Rgb[] =>
  Array.from(
    { length: values.length / 3 },
    (_, i): Rgb => [values[3 * i] ?? 0, values[3 * i + 1] ?? 0, values[3 * i + 2] ?? 0],
  );

const clamp = (value: number): number => Math.min(255, Math.max(0, value));
const greyOf = ([r, g, b]: Rgb): number => 0.299 * r + 0.587 * g + 0.114 * b;
const mapped = ([r, g, b]: Rgb, change: (value: number) => number): Rgb => [change(r), change(g), change(b)];

/** Hue in turns, saturation and value as Python's colorsys defines them, and back by its six cases. */
function turned([r, g, b]: Rgb, by: number): Rgb {
  const value = Math.max(r, g, b) / 255;
  const least = Math.min(r, g, b) / 255;
  if (value === least) return [r, g, b];
  const saturation = (value - least) / value;
  const [rc, gc, bc] = [r, g, b].map((c) => (value - c / 255) / (value - least)) as [number, number, number];
  const sixths = r / 255 === value ? bc - gc : g / 255 === value ? 2 + rc - bc : 4 + gc - rc;
  const hue = (((sixths / 6 + by) % 1) + 1) % 1;
  const sector = Math.floor(6 * hue);
  const f = 6 * hue - sector;
  const p = value * (1 - saturation);
  const q = value * (1 - saturation * f);
  const t = value * (1 - saturation * (1 - f));
  const cases: readonly Rgb[] = [
    [value, t, p],
    [q, value, p],
    [p, value, t],
    [p, q, value],
    [t, p, value],
    [value, p, q],
  ];
  return mapped(cases[sector % 6] ?? [0, 0, 0], (c) => 255 * c);
}

/** The changes one after the other, each as a new image. */
function naive(values: ArrayLike<number>, { factors, grey }: ColourDraws): readonly Rgb[] {
  let now = rgbOf(values);
  for (const kind of factors?.order ?? []) {
    const { brightness = 1, contrast = 1, saturation = 1, hue = 0 } = factors ?? {};
    const mean = now.map(greyOf).reduce((a, b) => a + b) / now.length;
    if (kind === 0) now = now.map((rgb) => mapped(rgb, (c) => clamp(brightness * c)));
    if (kind === 1) now = now.map((rgb) => mapped(rgb, (c) => clamp(mean + contrast * (c - mean))));
    if (kind === 2) now = now.map((rgb) => mapped(rgb, (c) => clamp(greyOf(rgb) + saturation * (c - greyOf(rgb)))));
    if (kind === 3) now = now.map((rgb) => turned(rgb, hue));
  }
  return grey ? now.map((rgb) => mapped(rgb, () => greyOf(rgb))) : now;
}

function changed(draws: ColourDraws, values: Float32Array = image): Float32Array {
  const copy = Float32Array.from(values);
  changeColours(copy, draws);
  return copy;
}

const still = { brightness: 1, contrast: 1, saturation: 1, hue: 0, order: [0, 1, 2, 3] };
const change: ColourChange = { brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2, changed: 0.8, grey: 0.2 };

describe("changeColours", () => {
  it("leaves the image where nothing changes, to within rounding", () => {
    expect([...changed({ factors: null, grey: false })]).toEqual([...image]);
    changed({ factors: still, grey: false }).forEach((value, i) => {
      expect(Math.abs(value - (image[i] ?? 0))).toBeLessThan(1e-3);
    });
  });

  it.each<[string, Partial<typeof still>]>([
    ["brightness", { brightness: 1.7 }],
    ["contrast", { contrast: 0.3 }],
    ["saturation", { saturation: 1.8 }],
    ["hue", { hue: 0.21 }],
    ["hue the other way", { hue: -0.5 }],
  ])("agrees with the naive twin in %s alone", (_, part) => {
    const draws = { factors: { ...still, ...part }, grey: false };
    const expected = naive(image, draws).flat();
    expect(expected).not.toEqual([...image]);
    changed(draws).forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThan(2e-3);
    });
  });

  it("agrees with it in random changes in every order", () => {
    const orders = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const draws = colourDraws({ ...change, changed: 1 }, stream.fork(i));
      orders.add(String(draws.factors?.order));
      const expected = naive(image, draws).flat();
      changed(draws).forEach((value, at) => {
        expect(Math.abs(value - (expected[at] ?? Number.NaN))).toBeLessThan(5e-3);
      });
    }
    expect(orders.size).toBe(24);
  });

  it("turns red to green and green to blue by a third of the circle, and back by two", () => {
    const primaries = Float32Array.of(255, 0, 0, 0, 255, 0);
    const by = (hue: number): number[] =>
      [...changed({ factors: { ...still, hue }, grey: false }, primaries)].map(Math.round);
    expect(by(1 / 3)).toEqual([0, 255, 0, 0, 0, 255]);
    expect(by(-1 / 3)).toEqual([0, 0, 255, 255, 0, 0]);
  });
});

describe("colourDraws", () => {
  it("changes and greys the given shares of views, and stays within the ranges", () => {
    const draws = Array.from({ length: 4000 }, (_, i) => colourDraws(change, stream.fork(i)));
    const factors = draws.flatMap((each) => each.factors ?? []);
    expect(Math.abs(factors.length / 4000 - 0.8)).toBeLessThan(0.03);
    expect(Math.abs(draws.filter(({ grey }) => grey).length / 4000 - 0.2)).toBeLessThan(0.03);
    for (const name of ["brightness", "contrast", "saturation"] as const) {
      const values = factors.map((each) => each[name]);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0.2);
      expect(Math.max(...values)).toBeLessThanOrEqual(1.8);
      expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(1.5);
    }
    expect(Math.max(...factors.map(({ hue }) => Math.abs(hue)))).toBeLessThanOrEqual(0.2);
  });

  it("leaves grey images grey", () => {
    const grey = Float32Array.from({ length: 60 }, (_, i) => 10 * Math.floor(i / 3));
    for (let i = 0; i < 20; i++) {
      for (const [r, g, b] of rgbOf(changed(colourDraws(change, stream.fork(i)), grey))) {
        expect(Math.abs(r - g) + Math.abs(g - b)).toBeLessThan(1e-3);
      }
    }
  });
});

describe("a resized crop with a change of colours", () => {
  const source = Uint8Array.from({ length: 12 * 12 * 3 }, () => stream.integer(256));
  const shape = [12, 12, 3] as const;
  const view = (colour: ColourChange | undefined, seed: number): Float32Array => {
    const target = new Float32Array(source.length);
    const kind = { kind: "resized-crop", minArea: 0.3 } as const;
    augment(source, shape, colour === undefined ? kind : { ...kind, colour }, random(seed, "view"), target);
    return target;
  };

  it("shows the same crop as without it", () => {
    for (let seed = 0; seed < 5; seed++) {
      expect(view({ ...change, changed: 0, grey: 0 }, seed)).toEqual(view(undefined, seed));
      const grey = view({ ...change, changed: 0, grey: 1 }, seed);
      expect([...grey].map(Math.round)).toEqual(
        rgbOf(view(undefined, seed)).flatMap((rgb) => mapped(rgb, () => Math.round(Math.fround(greyOf(rgb))))),
      );
    }
  });

  it.each<[Partial<ColourChange>, RegExp]>([
    [{ brightness: -1 }, /^brightness: .*got -1$/],
    [{ contrast: Number.NaN }, /^contrast: .*got NaN$/],
    [{ hue: 0.6 }, /^hue: .*0 to 0.5, got 0.6$/],
    [{ grey: 2 }, /^share of grey views: .*got 2$/],
  ])("refuses %j, and grey images", (part, said) => {
    const augmentation = { kind: "resized-crop", minArea: 0.3, colour: { ...change, ...part } } as const;
    expect(() => checkAugmentation(augmentation, shape)).toThrow(said);
    expect(() => checkAugmentation(augmentation, [12, 12, 1])).toThrow(/^a change of colours: .*got 1$/);
  });
});
