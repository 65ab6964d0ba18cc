import type { Matrix } from "../core/matrix";
import { evaluateRetrieval } from "../retrieval/evaluate";
import { neighbourRecall } from "../retrieval/neighbour-recall";
import type { Direction } from "./kind";
import { meanSquaredError } from "./watch";

/** How well an adapter maps held-out pairs. */
export interface AdapterQuality {
  /** Held-out pairs that the measures are of: one of each item. */
  readonly pairs: number;
  /** Mean squared error over rows and dimensions. */
  readonly loss: number;
  /** Mean cosine between mapped and true vectors. */
  readonly cosine: number;
  /**
   * Of the 10 nearest items of each query in the space that is mapped to, with true vectors on both
   * sides, the share that is found when the gallery (or, in direction query, the query) is mapped.
   */
  readonly recallAt10: number;
  /** Top-1 by labels, in [0, 1]; null without labels, or if no two of the pairs are of a class. */
  readonly top1: LabelledQuality | null;
}

/** Top-1 before the update, with the adapter, and if everything were embedded again. */
export interface LabelledQuality {
  readonly before: number;
  readonly mapped: number;
  readonly after: number;
  /** (mapped - before) / (after - before); null unless the new model is better than the old one. */
  readonly gapClosed: number | null;
}

/** The held-out pairs: what was mapped, what the adapter made of it, and what it should be. */
interface HeldOut {
  readonly from: Matrix;
  readonly mapped: Matrix;
  readonly to: Matrix;
  readonly labels: Float64Array | null;
  readonly direction: Direction;
}

const nearest = 10;

/** Measures an adapter on held-out pairs, all of which search all others. */
export function adapterQuality({ from, mapped, to, labels, direction }: HeldOut): AdapterQuality {
  const sides = direction === "gallery" ? { gallery: mapped, query: to } : { gallery: to, query: mapped };
  return {
    pairs: to.rows,
    loss: meanSquaredError(mapped, to),
    cosine: meanCosine(mapped, to),
    recallAt10: neighbourRecall({ gallery: to, query: to }, sides, nearest),
    top1: labels && labelledQuality({ from, to, labels, direction, sides }),
  };
}

interface Sides {
  readonly gallery: Matrix;
  readonly query: Matrix;
}

function labelledQuality({
  from,
  to,
  labels,
  direction,
  sides,
}: Omit<HeldOut, "mapped" | "labels"> & {
  readonly labels: Float64Array;
  readonly sides: Sides;
}): LabelledQuality | null {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  if ([...counts.values()].every((count) => count < 2)) return null;
  const top1 = (gallery: Matrix, query: Matrix): number =>
    evaluateRetrieval({ gallery, query, labels, excludeSelf: true }).top1;
  // The old model searches what it has stored before; after, the new one does.
  const [old, next] = direction === "gallery" ? [from, to] : [to, from];
  const [before, after, mapped] = [top1(old, old), top1(next, next), top1(sides.gallery, sides.query)];
  return { before, mapped, after, gapClosed: after > before ? (mapped - before) / (after - before) : null };
}

function meanCosine(a: Matrix, b: Matrix): number {
  let sum = 0;
  for (let i = 0; i < a.rows; i++) {
    let [dot, left, right] = [0, 0, 0];
    for (let c = i * a.columns; c < (i + 1) * a.columns; c++) {
      const [x, y] = [a.data[c] as number, b.data[c] as number];
      dot += x * y;
      left += x * x;
      right += y * y;
    }
    sum += left > 0 && right > 0 ? dot / Math.sqrt(left * right) : 0;
  }
  return sum / a.rows;
}
