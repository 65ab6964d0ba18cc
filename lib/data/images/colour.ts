import { unexpected } from "../../core/check";
import type { Random } from "../../core/random";

/**
 * How far the colours of a view are changed (SimCLR, arXiv 2002.05709, appendix A). Brightness,
 * contrast and saturation are multiplied by a factor within 1 plus or minus their number, hue is
 * turned by a part of the circle within plus or minus its own.
 */
export interface ColourChange {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  readonly hue: number;
  /** The share of views whose colours are changed. */
  readonly changed: number;
  /** The share of views that are made grey afterwards. */
  readonly grey: number;
}

/** The random numbers of one view. */
export interface ColourDraws {
  /** Null if the colours stay. */
  readonly factors: {
    readonly brightness: number;
    readonly contrast: number;
    readonly saturation: number;
    readonly hue: number;
    /** In which order the four are applied, 0 being brightness. */
    readonly order: readonly number[];
  } | null;
  readonly grey: boolean;
}

/** Draws as many numbers for every view, whatever comes of them. */
export function colourDraws(change: ColourChange, random: Random): ColourDraws {
  const { brightness, contrast, saturation, hue } = change;
  const isChanged = random.uniform() < change.changed;
  const grey = random.uniform() < change.grey;
  const factor = (range: number): number => Math.max(0, 1 + range * random.uniform(-1, 1));
  const factors = {
    brightness: factor(brightness),
    contrast: factor(contrast),
    saturation: factor(saturation),
    hue: hue * random.uniform(-1, 1),
    order: [...random.permutation(4)],
  };
  return { factors: isChanged ? factors : null, grey };
}

/** Throws RangeError on a part that is no number of its range. */
export function checkColourChange({ brightness, contrast, saturation, hue, changed, grey }: ColourChange): void {
  for (const [name, value] of Object.entries({ brightness, contrast, saturation })) {
    if (!(Number.isFinite(value) && value >= 0)) throw unexpected(name, "a number of at least 0", value);
  }
  if (!(hue >= 0 && hue <= 0.5)) throw unexpected("hue", "a number from 0 to 0.5", hue);
  for (const [name, value] of Object.entries({ changed, grey })) {
    if (!(value >= 0 && value <= 1)) throw unexpected(`share of ${name} views`, "a number from 0 to 1", value);
  }
}

/** Changes red, green and blue values from 0 to 255 in place, as torchvision's ColorJitter does. */
export function changeColours(values: Float32Array, { factors, grey }: ColourDraws): void {
  if (factors !== null) {
    const changes = [
      () => towards(values, factors.brightness, 0),
      () => towards(values, factors.contrast, meanLuma(values)),
      () => towardsGrey(values, factors.saturation),
      () => turnHue(values, factors.hue),
    ];
    for (const each of factors.order) changes[each]?.();
  }
  if (grey) towardsGrey(values, 0);
}

/** ITU-R 601's grey value of the pixel at `at`. */
function luma(values: Float32Array, at: number): number {
  return 0.299 * (values[at] as number) + 0.587 * (values[at + 1] as number) + 0.114 * (values[at + 2] as number);
}

function meanLuma(values: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 3) sum += luma(values, at);
  return sum / (values.length / 3);
}

/** Each value becomes factor x itself + (1 - factor) x other. */
function towards(values: Float32Array, factor: number, other: number): void {
  const rest = (1 - factor) * other;
  for (let i = 0; i < values.length; i++) values[i] = within(factor * (values[i] as number) + rest);
}

/** The same with the grey value of its own pixel. */
function towardsGrey(values: Float32Array, factor: number): void {
  for (let at = 0; at < values.length; at += 3) {
    const rest = (1 - factor) * luma(values, at);
    values[at] = within(factor * (values[at] as number) + rest);
    values[at + 1] = within(factor * (values[at + 1] as number) + rest);
    values[at + 2] = within(factor * (values[at + 2] as number) + rest);
  }
}

function within(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Turns the hue of every pixel by a part of the circle; its value and saturation (HSV) stay. */
function turnHue(values: Float32Array, turn: number): void {
  // Places on the circle are counted in sixths, and kept positive.
  const sixths = 6 * (turn + 1);
  for (let at = 0; at < values.length; at += 3) {
    const red = values[at] as number;
    const green = values[at + 1] as number;
    const blue = values[at + 2] as number;
    const most = red > green ? (red > blue ? red : blue) : green > blue ? green : blue;
    const least = red < green ? (red < blue ? red : blue) : green < blue ? green : blue;
    const spread = most - least;
    if (spread === 0) continue;
    const hue = sixths + sectorOf(red, green, blue, most) / spread;
    values[at] = most - spread * lack(hue + 5);
    values[at + 1] = most - spread * lack(hue + 3);
    values[at + 2] = most - spread * lack(hue + 1);
  }
}

/** The place on the circle, times the spread: from -1 to 5 of it. */
function sectorOf(red: number, green: number, blue: number, most: number): number {
  const spread = most - Math.min(red, green, blue);
  if (most === red) return green - blue;
  return most === green ? 2 * spread + blue - red : 4 * spread + red - green;
}

/** How much of the spread a colour lacks, by its place on the circle of six sectors. */
function lack(place: number): number {
  const k = place % 6;
  const rise = k < 2 ? k : 4 - k;
  return rise < 0 ? 0 : rise > 1 ? 1 : rise;
}
