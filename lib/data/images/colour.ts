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
      () => blend(values, factors.brightness, () => 0),
      () => blendWithMean(values, factors.contrast),
      () => blend(values, factors.saturation, (at) => luma(values, at)),
      () => turnHue(values, factors.hue),
    ];
    for (const each of factors.order) changes[each]?.();
  }
  if (grey) blend(values, 0, (at) => luma(values, at));
}

/** ITU-R 601's grey value of the pixel at `at`. */
function luma(values: Float32Array, at: number): number {
  return 0.299 * (values[at] as number) + 0.587 * (values[at + 1] as number) + 0.114 * (values[at + 2] as number);
}

/** Each value becomes factor x itself + (1 - factor) x its pixel's other value, within 0 to 255. */
function blend(values: Float32Array, factor: number, other: (at: number) => number): void {
  for (let at = 0; at < values.length; at += 3) {
    const rest = (1 - factor) * other(at);
    for (let c = at; c < at + 3; c++) values[c] = Math.min(255, Math.max(0, factor * (values[c] as number) + rest));
  }
}

function blendWithMean(values: Float32Array, factor: number): void {
  let sum = 0;
  for (let at = 0; at < values.length; at += 3) sum += luma(values, at);
  const mean = sum / (values.length / 3);
  blend(values, factor, () => mean);
}

/** Turns the hue of every pixel by a part of the circle; its value and saturation (HSV) stay. */
function turnHue(values: Float32Array, turn: number): void {
  for (let at = 0; at < values.length; at += 3) {
    const [red, green, blue] = [values[at] as number, values[at + 1] as number, values[at + 2] as number];
    const most = Math.max(red, green, blue);
    const spread = most - Math.min(red, green, blue);
    if (spread === 0) continue;
    const sector =
      most === red ? (green - blue) / spread : most === green ? 2 + (blue - red) / spread : 4 + (red - green) / spread;
    const hue = (((sector + 6 * turn) % 6) + 6) % 6;
    for (let c = 0; c < 3; c++) values[at + c] = most - spread * lack(hue + offsets[c as 0 | 1 | 2]);
  }
}

/** How much of the spread a colour lacks, by its place on the circle of six sectors. */
function lack(place: number): number {
  const k = place % 6;
  return Math.max(0, Math.min(k, 4 - k, 1));
}

const offsets = [5, 3, 1] as const;
