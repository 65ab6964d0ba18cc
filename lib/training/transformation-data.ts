import { type Matrix, selectRows } from "../core/matrix";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import { epochBatches } from "../data/batches";
import type { BackboneLoss } from "./backbone-loss";
import type { TrainingBatch } from "./batches";
import { type FormAndLoss, needsClassifier } from "./transformation-loss";

/** Embeddings of the same images, row by row. Without side-information `side` is the old embedding. */
export interface TransformationData {
  readonly old: Matrix;
  readonly side: Matrix;
  readonly target: Matrix;
  /** Classes, one a row; for the losses with a classifier. */
  readonly labels?: Int32Array | undefined;
  /** The target backbone's [dimensions, classes], for the same. */
  readonly classifier?: NamedArray | undefined;
  /** The loss that the target backbone was trained with, by which its classifier reads embeddings. */
  readonly targetLoss?: BackboneLoss | undefined;
}

/** Throws RangeError where rows, dimensions or classes disagree, and Error where the loss needs what is not there. */
export function requireAgreement(data: TransformationData, form: FormAndLoss): void {
  const rows = (["old", "side", "target"] as const).map((name) => `${name} ${data[name].rows}`);
  if (data.side.rows !== data.old.rows || data.target.rows !== data.old.rows) {
    throw new RangeError(`the embeddings must be of the same images, got rows ${rows.join(", ")}`);
  }
  if (needsClassifier(form)) requireClassifier(data, form);
}

function requireClassifier({ labels, classifier, target, targetLoss }: TransformationData, form: FormAndLoss): void {
  if (labels === undefined) throw new Error(`the ${form.loss?.kind} loss of h needs the images' labels`);
  if (classifier === undefined) {
    const reason = targetLoss === undefined ? "" : `: the target was trained with the ${targetLoss.kind} loss`;
    throw new Error(
      `the ${form.loss?.kind} loss of h needs the target's classifier, and the target has no classifier${reason}`,
    );
  }
  if (labels.length !== target.rows) throw new RangeError(`${labels.length} labels of ${target.rows} rows`);
  const [dimensions, classes = 0] = classifier.shape;
  if (dimensions !== target.columns) {
    throw new RangeError(`the classifier takes ${dimensions} dimensions and the target has ${target.columns}`);
  }
  const outside = labels.find((label) => !(label >= 0 && label < classes));
  if (outside !== undefined) throw new RangeError(`label ${outside}: the classifier has classes 0 to ${classes - 1}`);
}

/** Which rows h learns from. */
interface RowChoice {
  /** Share of the images, above 0 and at most 1; all rows by default. */
  readonly share?: number;
  readonly views: number;
  readonly seed: number;
}

/** The rows of all views of the chosen images, ascending, of `rows` that hold one view after the other. Throws RangeError on a share out of range. */
export function learnedRows({ share, views, seed }: RowChoice, rows: number): Int32Array {
  if (share === undefined) return Int32Array.from({ length: rows }, (_, row) => row);
  if (!(share > 0 && share <= 1)) throw new RangeError(`share ${share} of the training images: allowed is (0, 1]`);
  const images = rows / views;
  if (!Number.isInteger(images)) throw new RangeError(`${rows} rows are not ${views} views of a number of images`);
  const order = random(seed, "share of the training images").permutation(images);
  const chosen = order.slice(0, Math.max(1, Math.round(share * images))).sort();
  return Int32Array.from({ length: views * chosen.length }, (_, i) => {
    return Math.floor(i / chosen.length) * images + (chosen[i % chosen.length] ?? 0);
  });
}

/** How rows are drawn: out of `rows`, in the random order that `stream` names. */
interface RowDrawing {
  readonly rows: Int32Array;
  readonly batchSize: number;
  readonly stream: readonly (string | number)[];
}

/** The shuffled batches of one epoch: "old", "side", "target" and, where there are labels, "labels". */
export async function* rowBatches(
  { old, side, target, labels }: TransformationData,
  { rows, batchSize, stream }: RowDrawing,
): AsyncIterable<TrainingBatch> {
  for (const places of epochBatches({ count: rows.length, batchSize, random: random(...stream) })) {
    const drawn = places.map((place) => rows[place] ?? -1);
    const arrays: NamedArrays = {
      old: gathered(old, drawn),
      side: gathered(side, drawn),
      target: gathered(target, drawn),
      ...(labels && { labels: { shape: [drawn.length], data: drawn.map((row) => labels[row] ?? -1) } }),
    };
    yield { samples: drawn.length, arrays };
  }
}

function gathered(source: Matrix, rows: Int32Array): NamedArray {
  const { columns, data } = selectRows(source, rows);
  return { shape: [rows.length, columns], data };
}
