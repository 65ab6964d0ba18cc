import { oneOf, positive, unexpected, wholeNumber } from "../core/check";
import { hashOf } from "../core/hash";
import type { tf } from "../tf/tensorflow";
import { inFloat32 } from "../tf/tensors";

/** Numbers and words that an own loss depends on; they are part of its model's key. */
export type LossSettings = Readonly<Record<string, number | string | boolean>>;

/** A batch as an own loss sees it that reads embeddings alone. */
export interface EmbeddedBatch {
  /** [batch, dimensions]; unit vectors if the loss says so. */
  readonly embedding: tf.Tensor2D;
  /** Classes [batch], int32. */
  readonly labels: tf.Tensor1D;
  /** The recipe's label smoothing. */
  readonly smoothing: number;
}

/** A batch with the logits of the classifier that is trained along. */
export interface ClassifiedBatch extends EmbeddedBatch {
  /** [batch, classes] */
  readonly logits: tf.Tensor2D;
}

interface Naming<S> {
  /** How progress, figures and the cache call the loss. */
  readonly name: string;
  /** A whole number, to be raised when what the function uses from outside it has changed. */
  readonly version: number;
  /** What the function is given as its second argument. */
  readonly settings?: S;
  /** Images of each class in a batch; by default batches are drawn from all images alike. */
  readonly perClass?: number;
}

interface WithClassifier<S> extends Naming<S> {
  /**
   * A linear classifier by default. A cosine classifier compares unit vectors; its logits are
   * cosines times `scale`.
   */
  readonly classifier?: "linear" | "cosine";
  /** Of a cosine classifier; 16 by default. */
  readonly scale?: number;
  /** The mean loss of a batch, a scalar, by operations of `tf`. */
  readonly loss: (batch: ClassifiedBatch, settings: S) => tf.Tensor;
}

interface WithoutClassifier<S> extends Naming<S> {
  readonly classifier: "none";
  /** Whether embeddings are compared as unit vectors; true by default. */
  readonly unit?: boolean;
  readonly loss: (batch: EmbeddedBatch, settings: S) => tf.Tensor;
}

/** An own loss as plain data, which names its function. */
export interface OwnLoss {
  readonly kind: "own";
  readonly name: string;
  readonly version: number;
  /** Hash of the function's text. */
  readonly source: string;
  readonly classifier: "linear" | "cosine" | "none";
  readonly unit: boolean;
  readonly scale?: number;
  readonly perClass?: number;
  readonly settings?: LossSettings;
}

type OwnFunction = (batch: ClassifiedBatch, settings: LossSettings) => tf.Tensor;

// A recipe stays plain data that can be hashed, so the functions are kept here.
const functions = new Map<string, OwnFunction>();

/**
 * A loss of your own for a backbone. Its name, version, settings and the text of its function are
 * part of the key of every model trained with it, so a changed text trains a new model. The key
 * cannot see what the function uses from outside, such as a constant of another cell: pass that in
 * `settings`, or raise `version`. The function is called once for each size of batch, and every
 * step repeats its operations: what it draws at random is drawn once. Throws RangeError without a
 * name or a version, and for a scale of a classifier that is not a cosine one.
 */
export function ownLoss<S extends LossSettings = LossSettings>(options: WithClassifier<S>): OwnLoss;
export function ownLoss<S extends LossSettings = LossSettings>(options: WithoutClassifier<S>): OwnLoss;
export function ownLoss<S extends LossSettings>(options: WithClassifier<S> | WithoutClassifier<S>): OwnLoss {
  const { name, version, loss, settings, perClass, classifier = "linear" } = options;
  if (typeof name !== "string" || name.trim() === "") throw unexpected("name of an own loss", "a text", name);
  wholeNumber(`version of the loss ${name}`, version, { least: 1 });
  oneOf(`classifier of the loss ${name}`, classifier, ["linear", "cosine", "none"]);
  if (perClass !== undefined) wholeNumber(`images of each class for the loss ${name}`, perClass, { least: 2 });
  const own: OwnLoss = {
    kind: "own",
    name,
    version,
    source: sourceOf(name, loss),
    classifier,
    ...embeddingOf(options),
    ...(perClass === undefined ? {} : { perClass }),
    ...(settings === undefined ? {} : { settings }),
  };
  functions.set(hashOf(own), loss as OwnFunction);
  return own;
}

function embeddingOf<S>(options: WithClassifier<S> | WithoutClassifier<S>): Pick<OwnLoss, "unit" | "scale"> {
  const { classifier = "linear" } = options;
  const what = `scale of the loss ${options.name}`;
  const scale = "scale" in options ? options.scale : undefined;
  if (classifier === "cosine") return { unit: true, scale: positive(what, scale ?? 16) };
  if (scale !== undefined) throw unexpected(what, `none, since its classifier is ${classifier}, not cosine`, scale);
  return { unit: options.classifier === "none" && (options.unit ?? true) };
}

/** Hash of a function's text, in which any white space counts as one blank. */
function sourceOf(name: string, loss: unknown): string {
  const text = typeof loss === "function" ? loss.toString() : "";
  const written = text !== "" && !text.includes("[native code]");
  if (!written) throw unexpected(`loss of ${name}`, "a function written out, whose text enters the key", loss);
  return hashOf(text.replace(/\s+/g, " ")).slice(0, 16);
}

/** Throws Error if this process does not know the function of the loss. */
export function requireOwnLoss(own: OwnLoss): OwnFunction {
  const found = functions.get(hashOf(own));
  if (found !== undefined) return found;
  const { name, version } = own;
  throw new Error(`the loss ${name}, version ${version}, is unknown here: call ownLoss with its function first`);
}

/** The value of an own loss on a batch. Throws RangeError unless it is a scalar. */
export function ownLossValue(own: OwnLoss, batch: EmbeddedBatch | ClassifiedBatch): tf.Scalar {
  const loss = requireOwnLoss(own);
  const value: tf.Tensor | undefined = inFloat32(() => loss(batch as ClassifiedBatch, own.settings ?? {}));
  if (value?.shape?.length === 0) return value as tf.Scalar;
  const found = value?.shape === undefined ? String(value) : `a tensor of ${value.shape.join(" x ")}`;
  throw unexpected(`value of the loss ${own.name}`, "a scalar tensor, such as tf.mean gives", found);
}
