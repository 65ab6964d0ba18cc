import { setImmediate } from "node:timers/promises";
import type { NamedArrays } from "../core/named-arrays";
import type { StepContext } from "../core/step";
import { isStatistic } from "../nn/pass";
import { prefixed, toArrays, toTensors, withPrefix } from "../nn/weights";
import { type OptimizerRecipe, optimizer } from "../optim/optimizer";
import { cosineWithWarmup, type ScheduleRecipe } from "../optim/schedule";
import type { Tensors } from "../tf/gradients";
import { tf } from "../tf/tensorflow";
import { type Loss, type TrainingStep, trainingStep } from "./training-step";

/** Everything that one training consists of. */
export interface Fitting {
  readonly weights: NamedArrays;
  readonly loss: Loss;
  readonly optimizer: OptimizerRecipe;
  readonly schedule: ScheduleRecipe;
  /** The batches of an epoch, the same whenever asked for. */
  readonly batches: (epoch: number) => AsyncIterable<TrainingBatch>;
  readonly samplesPerEpoch: number;
  /** First epoch in which normalisation runs in evaluation mode; never by default. */
  readonly frozenNormFrom?: number;
}

/** Arrays by name, and how many samples they hold. */
export interface TrainingBatch {
  readonly samples: number;
  readonly arrays: NamedArrays;
}

/** Trained weights, and the mean loss of each epoch. */
export interface Fitted {
  readonly weights: NamedArrays;
  readonly losses: readonly number[];
}

interface Position {
  readonly state: NamedArrays;
  readonly losses: readonly number[];
}

/**
 * The one training loop. After every epoch the whole state goes to the checkpoint, from which a later call continues to the
 * same bytes. Throws when the signal aborts (at most one epoch is lost) and when the loss is no number, naming the epoch.
 */
export async function fit(fitting: Fitting, context: StepContext): Promise<Fitted> {
  const { epochs } = fitting.schedule;
  let position = resumed(context) ?? { state: initialState(fitting), losses: [] };
  while (position.losses.length < epochs) {
    position = await epochAfter(position, fitting, context);
    if (position.losses.length < epochs) {
      context.checkpoint.save({ arrays: position.state, facts: { losses: position.losses } });
    }
  }
  return { weights: withPrefix(position.state, "weights."), losses: position.losses };
}

function resumed({ checkpoint }: StepContext): Position | null {
  const saved = checkpoint.load();
  return saved && { state: saved.arrays, losses: saved.facts.losses as readonly number[] };
}

function initialState({ weights, optimizer: recipe }: Fitting): NamedArrays {
  const trained = Object.fromEntries(Object.entries(weights).filter(([name]) => !isStatistic(name)));
  const tensors = toTensors(trained);
  const slotTensors = optimizer(recipe).initialSlots(tensors);
  const slots = toArrays(slotTensors);
  tf.dispose({ ...tensors, ...slotTensors });
  return {
    ...prefixed(weights, "weights."),
    ...prefixed(slots, "slots."),
    step: { shape: [], data: Float32Array.of(0) },
  };
}

async function epochAfter({ state, losses }: Position, fitting: Fitting, context: StepContext): Promise<Position> {
  const epoch = losses.length;
  const frozen = epoch >= (fitting.frozenNormFrom ?? Number.POSITIVE_INFINITY);
  const step = trainingStep(fitting.loss, optimizer(fitting.optimizer), frozen);
  const learningRate = cosineWithWarmup(fitting.schedule)(epoch);
  let current: Tensors = toTensors(state);
  let sum = 0;
  let samples = 0;
  const started = performance.now();
  try {
    for await (const batch of fitting.batches(epoch)) {
      await setImmediate();
      context.signal.throwIfAborted();
      const { next, loss } = advance(step, current, batch, learningRate);
      current = next;
      if (!Number.isFinite(loss)) throw new Error(lossMessage(loss, epoch, samples));
      sum += loss * batch.samples;
      samples += batch.samples;
      const perSecond = samples / ((performance.now() - started) / 1000);
      context.progress.report(
        (epoch + samples / fitting.samplesPerEpoch) / fitting.schedule.epochs,
        `epoch ${epoch + 1}/${fitting.schedule.epochs} · ${Math.round(perSecond)}/s · loss ${(sum / samples).toFixed(3)}`,
      );
    }
    return { state: toArrays(current), losses: [...losses, sum / samples] };
  } finally {
    tf.dispose({ ...current });
  }
}

function lossMessage(loss: number, epoch: number, samples: number): string {
  const place = `in epoch ${epoch + 1} after ${samples} samples`;
  return `the loss became ${loss} ${place}: lower the learning rate; the state before this epoch is kept`;
}

function advance(
  step: TrainingStep,
  state: Tensors,
  { arrays }: TrainingBatch,
  learningRate: number,
): { readonly next: Tensors; readonly loss: number } {
  const batch = toTensors({ ...arrays, learningRate: { shape: [], data: Float32Array.of(learningRate) } });
  const { state: next, loss } = step(state, batch);
  const value = loss.dataSync()[0] ?? Number.NaN;
  tf.dispose({ ...state });
  tf.dispose({ ...batch });
  loss.dispose();
  return { next, loss: value };
}
