import { arrayNamed, type NamedArrays } from "../../core/named-arrays";
import { crossEntropyPerSample } from "../../losses/cross-entropy";
import { type MaskedDistillation, maskedDistillation, weightedMean } from "../../losses/masked-distillation";
import { prefixed, withPrefix } from "../../nn/weights";
import type { tf } from "../../tf/tensorflow";
import { type Tensors, tensorNamed } from "../../tf/tensors";
import { forward } from "../../training/forward";
import { type AdapterSizes, adaptedMap } from "../decoder/adapter";
import { type DecoderPass, type DecoderSizes, hiddenStates, tokenLogits } from "../decoder/decoder";
import { countedStates } from "./sequences";

/** A decoder as arrays; an adapter, if it has one, is merged into its weights. */
export interface LanguageModel {
  readonly sizes: DecoderSizes;
  readonly weights: NamedArrays;
}

/** What an adapter learns: the task alone, or two models' answers to it as well. */
export type AdapterObjective =
  | { readonly kind: "task" }
  | {
      readonly kind: "compatible";
      readonly distillation: MaskedDistillation;
      readonly old: LanguageModel;
      readonly next: LanguageModel;
    };

/** The loss of an adapter's weights on a batch of sequences, beside the models that stay. */
export type AdapterLoss = (adapter: Tensors, batch: Tensors, frozen: Tensors) => tf.Scalar;

/** The arrays that a loss needs and that training does not change. */
export function frozenOf(base: LanguageModel, objective: AdapterObjective): NamedArrays {
  const own = prefixed(base.weights, "base.");
  if (objective.kind === "task") return own;
  return { ...own, ...prefixed(objective.old.weights, "old."), ...prefixed(objective.next.weights, "next.") };
}

/** The loss of an objective; see `frozenOf` for what it needs. */
export function adapterLoss(sizes: DecoderSizes, adapterSizes: AdapterSizes, objective: AdapterObjective): AdapterLoss {
  return (adapter, batch, frozen) => {
    const targets = tensorNamed<tf.Tensor1D>(batch, "targets");
    const weights = tensorNamed<tf.Tensor2D>(batch, "weights");
    const map = adaptedMap(adapter, adapterSizes);
    const student = logitsOf({ sizes, weights: withPrefix(frozen, "base."), map }, batch);
    if (objective.kind === "task") return weightedMean(crossEntropyPerSample(student, targets), weights);
    const teacher = (name: "old" | "next"): tf.Tensor2D =>
      logitsOf({ sizes: objective[name].sizes, weights: withPrefix(frozen, `${name}.`) }, batch);
    const predictions = { student, old: teacher("old"), next: teacher("next"), targets, weights };
    return maskedDistillation(predictions, objective.distillation);
  };
}

function logitsOf(pass: DecoderPass, batch: Tensors): tf.Tensor2D {
  return tokenLogits(pass, countedStates(hiddenStates(pass, tensorNamed<tf.Tensor2D>(batch, "tokens")), batch));
}

/** Gives the mean loss of weights over batches of sequences, each by its tokens' weights. */
interface Validation {
  readonly of: (adapter: NamedArrays) => number;
  readonly dispose: () => void;
}

export function validationLoss(loss: AdapterLoss, frozen: NamedArrays, batches: readonly NamedArrays[]): Validation {
  const running = forward(frozen, ({ weights }, inputs) => loss(withPrefix(inputs, "adapter."), inputs, weights));
  const of = (adapter: NamedArrays): number => {
    const own = prefixed(adapter, "adapter.");
    let [total, counted] = [0, 0];
    for (const batch of batches) {
      const weight = sum(arrayNamed(batch, "weights").data);
      total += weight * (running.map({ ...batch, ...own })[0] ?? Number.NaN);
      counted += weight;
    }
    return total / counted;
  };
  return { of, dispose: running.dispose };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
