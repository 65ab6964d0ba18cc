import { positiveShare, unexpected } from "../core/check";
import { type Matrix, selectRows } from "../core/matrix";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import { epochBatches } from "../data/batches";
import type { BackboneLoss } from "./backbone-loss";
import type { TrainingBatch } from "./loop/batches";
import { type FormAndLoss, needsClassifier } from "./transformation-loss";

/** Embeddings of the same images, row by row. Without side-information, `side` is `old`. */
export interface TransformationData {
  readonly old: Matrix;
  readonly side: Matrix;
  readonly target: Matrix;
  /** The class of each row; for the losses that use a classifier. */
  readonly labels?: Int32Array | undefined;
  /** The target backbone's classifier [dimensions, classes], for the same losses. */
  readonly classifier?: NamedArray | undefined;
  /** The loss by which the target was trained, and by which its classifier reads embeddings. */
  readonly targetLoss?: BackboneLoss | undefined;
}

/**
 * Throws RangeError if rows, dimensions or classes disagree, and Error if labels or a classifier
 * that the loss needs are missing.
 */
export function requireAgreement(data: TransformationData, form: FormAndLoss): void {
  const rows = (["old", "side", "target"] as const).map((name) => `${name} ${data[name].rows}`);
  if (data.side.rows !== data.old.rows || data.target.rows !== data.old.rows) {
    throw unexpected("rows of the embeddings", "as many of each, for the same images", rows.join(", "));
  }
  if (needsClassifier(form)) requireClassifier(data, form);
}

function requireClassifier(
  { labels, classifier, target, targetLoss }: TransformationData,
  { loss }: FormAndLoss,
): void {
  if (labels === undefined) throw new Error(`the ${loss?.kind} loss of h needs the images' labels`);
  if (classifier === undefined) {
    const reason = targetLoss === undefined ? "" : `: it was trained with the ${targetLoss.kind} loss`;
    throw new Error(
      `the ${loss?.kind} loss of h needs the target's classifier, and the target has no classifier${reason}`,
    );
  }
  if (labels.length !== target.rows) throw unexpected("labels", `one for each of ${target.rows} rows`, labels.length);
  const [dimensions, classes = 0] = classifier.shape;
  if (dimensions !== target.columns) {
    throw new RangeError(`the classifier takes ${dimensions} dimensions and the target has ${target.columns}`);
  }
  const outside = labels.find((label) => !(label >= 0 && label < classes));
  if (outside !== undefined) {
    throw unexpected("label", `one of the classifier's classes from 0 to ${classes - 1}`, outside);
  }
}

/** How the rows that h learns from are chosen. */
interface RowChoice {
  /** Share of the images, above 0 and at most 1; all by default. */
  readonly share?: number;
  readonly views: number;
  readonly seed: number;
}

/**
 * The rows that h learns from, ascending: all views of the chosen images. Of the `rows` in total,
 * the first view of all images comes first, then the second, and so on. Throws RangeError on a
 * share out of range.
 */
export function learnedRows({ share, views, seed }: RowChoice, rows: number): Int32Array {
  if (share === undefined) return Int32Array.from({ length: rows }, (_, row) => row);
  positiveShare("share of the training images", share);
  const images = rows / views;
  if (!Number.isInteger(images)) throw unexpected("rows", `a multiple of the ${views} views`, rows);
  const order = random(seed, "share of the training images").permutation(images);
  const chosen = order.slice(0, Math.max(1, Math.round(share * images))).sort();
  return allViews(chosen, { items: images, views });
}

/**
 * The rows of all views of the chosen items, ascending. The first view of all `items` comes first,
 * then the second, and so on.
 */
export function allViews(
  chosen: Int32Array,
  { items, views }: { readonly items: number; readonly views: number },
): Int32Array {
  return Int32Array.from({ length: views * chosen.length }, (_, i) => {
    return Math.floor(i / chosen.length) * items + (chosen[i % chosen.length] as number);
  });
}

/** How rows are drawn. */
interface RowDrawing {
  /** The rows to draw from. */
  readonly rows: Int32Array;
  readonly batchSize: number;
  /** Names the random stream of the order. */
  readonly stream: readonly (string | number)[];
}

/** The shuffled batches of one epoch: "old", "side", "target" and, if there are any, "labels". */
export async function* rowBatches(
  { old, side, target, labels }: TransformationData,
  { rows, batchSize, stream }: RowDrawing,
): AsyncIterable<TrainingBatch> {
  for (const places of epochBatches({ count: rows.length, batchSize, random: random(...stream) })) {
    const drawn = places.map((place) => rows[place] as number);
    const arrays: NamedArrays = {
      old: gathered(old, drawn),
      side: gathered(side, drawn),
      target: gathered(target, drawn),
      ...(labels && { labels: { shape: [drawn.length], data: drawn.map((row) => labels[row] as number) } }),
    };
    yield { samples: drawn.length, arrays };
  }
}

function gathered(source: Matrix, rows: Int32Array): NamedArray {
  const { columns, data } = selectRows(source, rows);
  return { shape: [rows.length, columns], data };
}
