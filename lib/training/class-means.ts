import { unexpected } from "../core/check";
import type { Matrix } from "../core/matrix";
import type { NamedArray } from "../core/named-arrays";

/**
 * A classifier [dimensions, classes] made of the class means of old embeddings, less the mean of
 * the means, and scaled so that its columns are as long, in the root of the mean square, as those
 * of the old model's own classifier. BT-2 (arXiv 2211.03989) makes its pseudo-classifier of class
 * means; centring and scaling are ours, as are raw instead of unit vectors. Throws RangeError if a
 * class has no image, and if the means are all the same.
 */
export function meansClassifier(
  { rows, columns, data }: Matrix,
  { labels, classes, like }: { readonly labels: Int32Array; readonly classes: number; readonly like: NamedArray },
): NamedArray {
  const sums = new Float64Array(classes * columns);
  const counts = new Int32Array(classes);
  for (let item = 0; item < rows; item++) {
    const label = labels[item] as number;
    counts[label] = (counts[label] as number) + 1;
    for (let c = 0; c < columns; c++) {
      sums[label * columns + c] = (sums[label * columns + c] as number) + (data[item * columns + c] as number);
    }
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) throw unexpected("images of each class", "at least one, to make a class mean of", `none of ${empty}`);
  const means = sums.map((sum, i) => sum / (counts[Math.floor(i / columns)] as number));
  const centre = Float64Array.from({ length: columns }, (_, column) => meanOf(means, columns, column));
  const centred = means.map((mean, i) => mean - (centre[i % columns] as number));
  const size = rootMeanSquare(centred);
  if (!(size > 0)) throw unexpected("class means of old embeddings", "different ones", "the same for every class");
  const scale = rootMeanSquare(like.data) / size;
  const transposed = Float32Array.from({ length: means.length }, (_, i) => {
    return scale * (centred[(i % classes) * columns + Math.floor(i / classes)] as number);
  });
  return { shape: [columns, classes], data: transposed };
}

function meanOf(means: Float64Array, columns: number, column: number): number {
  let sum = 0;
  for (let i = column; i < means.length; i += columns) sum += means[i] as number;
  return sum / (means.length / columns);
}

function rootMeanSquare(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);
}
