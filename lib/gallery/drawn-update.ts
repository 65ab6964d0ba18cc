import { type Matrix, matrix } from "../core/matrix";
import { random } from "../core/random";

/** Vectors of an update, made up: to try a store, not to measure a method. */
export interface DrawnUpdate {
  readonly ids: readonly string[];
  /** The class of each item: [items]. */
  readonly labels: Int32Array;
  /** What the models make of the items: [items, 64], side-information [items, 8]. */
  readonly old: Matrix;
  readonly side: Matrix;
  readonly next: Matrix;
  /** Other items of the same classes. */
  readonly queries: { readonly labels: Int32Array; readonly old: Matrix; readonly next: Matrix };
}

const classes = 500;
const hidden = 16;

/** How much a model sees of either half of the hidden values, and the noise of what it stores. */
interface Sight {
  readonly name: string;
  readonly first: number;
  readonly second: number;
  readonly columns: number;
  readonly noise: number;
}

const sights: Readonly<Record<"old" | "side" | "next", Sight>> = {
  old: { name: "old", first: 1, second: 0.05, columns: 64, noise: 0.1 },
  side: { name: "side", first: 0, second: 1, columns: 8, noise: 0.5 },
  next: { name: "next", first: 1, second: 1, columns: 64, noise: 0.1 },
};

/**
 * Draws an update. An item is a point of 16 values near the centre of its class, one of 500. The
 * old model sees the first half of them, side-information a noisy view of the other half, the new
 * model all; each stores random sums of what it sees, where positive. Every second class differs
 * from others mostly in what the old model does not see.
 */
export function drawnUpdate({
  items,
  queries,
  seed = 0,
}: {
  readonly items: number;
  readonly queries: number;
  readonly seed?: number;
}): DrawnUpdate {
  const stored = points("items", items, seed);
  const asked = points("queries", queries, seed);
  return {
    ids: Array.from(stored.labels, (_, item) => `item-${item}`),
    labels: stored.labels,
    old: seen(stored, sights.old, seed),
    side: seen(stored, sights.side, seed),
    next: seen(stored, sights.next, seed),
    queries: { labels: asked.labels, old: seen(asked, sights.old, seed), next: seen(asked, sights.next, seed) },
  };
}

interface Points {
  readonly name: string;
  readonly labels: Int32Array;
  /** [items, hidden] */
  readonly at: Matrix;
}

function points(name: string, rows: number, seed: number): Points {
  const centres = normals(classes * hidden, seed, "centres");
  const own = normals(rows * hidden, seed, name);
  const labels = Int32Array.from({ length: rows }, (_, item) => item % classes);
  const data = own.map((value, i) => {
    const label = labels[Math.floor(i / hidden)] as number;
    const spread = i % hidden < hidden / 2 === (label % 2 === 0) ? 1.2 : 0.4;
    return spread * ((centres[label * hidden + (i % hidden)] as number) + 0.5 * value);
  });
  return { name, labels, at: matrix(rows, hidden, data) };
}

function seen({ name, at }: Points, { name: model, first, second, columns, noise }: Sight, seed: number): Matrix {
  const weights = normals(hidden * columns, seed, model).map((weight, i) => {
    return weight * (i < (hidden / 2) * columns ? first : second);
  });
  const data = normals(at.rows * columns, seed, model, name).map((value, i) => {
    const from = Math.floor(i / columns) * hidden;
    let sum = 0;
    for (let h = 0; h < hidden; h++)
      sum += (at.data[from + h] as number) * (weights[h * columns + (i % columns)] as number);
    return Math.max(0, sum) + noise * value;
  });
  return matrix(at.rows, columns, data);
}

function normals(count: number, seed: number, ...names: readonly string[]): Float32Array {
  const stream = random(seed, "drawn update", ...names);
  return Float32Array.from({ length: count }, () => stream.normal());
}
