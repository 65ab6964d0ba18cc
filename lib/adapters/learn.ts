import type { StepContext } from "../core/artifacts/step";
import { unexpected } from "../core/check";
import { type Matrix, matrix } from "../core/matrix";
import type { NamedArrays } from "../core/named-arrays";
import { closedForm } from "./closed-form";
import { isTrained, type LearnOptions, type LearnRecipe, learnRecipe } from "./kind";
import { openTransformation } from "./open-transformation";
import { type Moments, momentsOf } from "./pairs/moments";
import { inputsAt, type Pairs, type RowSplit, requirePairs, rowSplit, rowsOf } from "./pairs/pairs";
import { type AdapterQuality, adapterQuality } from "./quality";
import { spaceArrays } from "./space";
import { type Trained, trained } from "./train";
import type { HeldOutPairs } from "./watch";

/** What an adapter is learned from. */
export interface LearnInput extends LearnOptions {
  readonly pairs: Pairs;
  /** The class of each pair, for the share of the gap that is closed; not learned from. */
  readonly labels?: ArrayLike<number> | undefined;
  /**
   * Pairs of each item, such as views of an image: the first of all items come first, then the
   * second, and so on. An item is held out with all its pairs, and measured by the first of them.
   * 1 by default.
   */
  readonly views?: number;
}

/** What learning may use; each member may be absent. */
export interface LearnContext {
  /**
   * Where a trained kind keeps its state after every epoch: `save` is given it, and `load` gives
   * back what was saved last, from which training goes on to the same bytes, or null to start anew.
   * By default nothing is kept.
   */
  readonly checkpoint?: StepContext["checkpoint"];
  /** Is told the share of the work that is done, and in words how far it is. */
  readonly progress?: StepContext["progress"];
  /** Ends the work with its reason once it is aborted. */
  readonly signal?: AbortSignal;
}

/** A learned adapter. */
export interface Learned {
  /** h's weights, and the fingerprints of its spaces as arrays called "space.". */
  readonly weights: NamedArrays;
  readonly recipe: LearnRecipe;
  /** Null for a kind with a closed form. */
  readonly training: Omit<Trained, "weights"> | null;
  readonly quality: AdapterQuality;
  readonly learnedPairs: number;
}

/** More held-out pairs than these are not measured, since each of them searches all. */
const mostMeasured = 20_000;

/**
 * Learns a map from one embedding space to another, from vectors of the same items in both. In the
 * direction "gallery" `from` is the old model's space and `to` the new one's; in "query" it is the
 * other way round. The values must be finite. Pairs may lie in files: closed forms read them once,
 * trained kinds draw rows. `context` may hold a `checkpoint` to continue from, a `progress` to
 * report to and a `signal` to stop. Throws RangeError on options and pairs without meaning.
 */
export async function learnAdapter(
  { pairs, labels, views = 1, ...options }: LearnInput,
  context: LearnContext = {},
): Promise<Learned> {
  const {
    checkpoint = { load: () => null, save: () => {} },
    progress = { report: () => {} },
    signal = new AbortController().signal,
  } = context;
  const recipe = learnRecipe(options);
  requirePairs(pairs);
  if (labels !== undefined && labels.length !== pairs.from.rows) {
    throw unexpected("labels", `one for each of ${pairs.from.rows} pairs`, labels.length);
  }
  const split = rowSplit(pairs.from.rows, { ...recipe, views });
  const known = await momentsOf(pairs, split.heldOut, (rows) => {
    signal.throwIfAborted();
    progress.report(0, `reading pairs ${rows}/${pairs.from.rows}`);
  });
  const moments = { learned: known.others, heldOut: known.chosen };
  requireFinite(pairs, moments);
  requireSpread(pairs, moments.learned);
  const rows = measuredRows(split);
  const isLinear = recipe.kind !== "fct" && recipe.kind !== "fastfill";
  const heldOut = { ...(await inputsAt(pairs, rows, isLinear)), target: await rowsOf(pairs.to, rows) };
  const found = await fitted(recipe, { pairs, split, moments, heldOut }, { checkpoint, progress, signal });
  const spaces = { ...spaceArrays("from", moments.learned), ...spaceArrays("to", moments.learned) };
  const sides = pairs.side === null ? {} : spaceArrays("side", moments.learned);
  // First views come first. Another view of an item would be a neighbour that any adapter finds.
  const items = rows.filter((row) => row < pairs.from.rows / views);
  const own = labels === undefined ? null : Float64Array.from(items, (row) => labels[row] as number);
  return {
    weights: { ...found.weights, ...spaces, ...sides },
    recipe,
    training: found.training,
    quality: qualityOf(found.weights, heldOut, { items: items.length, labels: own, direction: recipe.direction }),
    learnedPairs: split.learned.length,
  };
}

type BothMoments = { readonly learned: Moments; readonly heldOut: Moments };

/** Throws RangeError, naming source and column, if a value is NaN or infinite: its mean is too. */
function requireFinite({ from, side, to }: Pairs, { learned, heldOut }: BothMoments): void {
  let before = 0;
  for (const { name, columns } of side === null ? [from, to] : [from, side, to]) {
    for (let column = 0; column < columns; column++) {
      const mean = (learned.means[before + column] as number) + (heldOut.means[before + column] as number);
      if (!Number.isFinite(mean)) {
        throw unexpected(`values of ${name}`, "finite numbers", `NaN or Infinity in column ${column}`);
      }
    }
    before += columns;
  }
}

/** Throws RangeError if all vectors that are mapped are the same: they tell nothing apart. */
function requireSpread({ from }: Pairs, { inputs, products }: Moments): void {
  for (let i = 0; i < inputs; i++) if ((products.data[i * products.columns + i] as number) > 0) return;
  throw unexpected(`vectors of ${from.name}`, "at least two that differ among the pairs to learn from", "equal ones");
}

function measuredRows({ heldOut }: RowSplit): Int32Array {
  const step = Math.ceil(heldOut.length / mostMeasured);
  return heldOut.filter((_, i) => i % step === 0);
}

type Fitting = Parameters<typeof trained>[1] & {
  readonly moments: BothMoments;
};

async function fitted(
  recipe: LearnRecipe,
  fitting: Fitting,
  context: Required<LearnContext>,
): Promise<Pick<Learned, "weights" | "training">> {
  const { kind, rank } = recipe;
  if (!isTrained(kind)) return { weights: closedForm(kind, { ...fitting.moments, rank }), training: null };
  const { weights, ...training } = await trained(recipe, fitting, { ...context, warn: () => {}, record: () => {} });
  return { weights, training };
}

/** How well h maps the first `items` of the held-out pairs. */
function qualityOf(
  weights: NamedArrays,
  heldOut: HeldOutPairs,
  { items, ...known }: { readonly items: number } & Pick<Parameters<typeof adapterQuality>[0], "labels" | "direction">,
): AdapterQuality {
  const first = ({ columns, data }: Matrix): Matrix => matrix(items, columns, data.subarray(0, items * columns));
  const [old, side, to] = [heldOut.old, heldOut.side, heldOut.target].map(first) as [Matrix, Matrix, Matrix];
  const h = openTransformation(weights, "the learned weights");
  try {
    return adapterQuality({ from: old, mapped: h.mapAll({ old, side }).embeddings, to, ...known });
  } finally {
    h.dispose();
  }
}
