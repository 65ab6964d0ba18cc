import type { NamedArrays } from "../../core/named-arrays";
import { isStatistic } from "../../nn/pass";
import { prefixed, toArrays, toTensors } from "../../nn/weights";
import type { Optimizer } from "../../optim/update";
import { tf } from "../../tf/tensorflow";
import { type Stepper, stepper } from "../../training/stepper";
import { type Loss, trainingStep } from "../../training/training-step";

/** A stepper at the beginning of a training, as `fit` makes it. Throws where its step does not run as a graph. */
export function fromStart(weights: NamedArrays, loss: Loss, optimizer: Optimizer): Stepper {
  const trained = toTensors(Object.fromEntries(Object.entries(weights).filter(([name]) => !isStatistic(name))));
  const slots = optimizer.initialSlots(trained);
  const state = {
    ...prefixed(weights, "weights."),
    ...prefixed(toArrays(slots), "slots."),
    step: { shape: [], data: Float32Array.of(0) },
  };
  tf.dispose({ ...trained, ...slots });
  return stepper(trainingStep(loss, optimizer, false), state);
}

/** A learning rate as a batch holds it. */
export function rate(value: number): NamedArrays[string] {
  return { shape: [], data: Float32Array.of(value) };
}
