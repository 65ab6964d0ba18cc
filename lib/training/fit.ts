import { setImmediate } from "node:timers/promises";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import type { StepContext } from "../core/step";
import { isStatistic } from "../nn/pass";
import { prefixed, toArrays, toTensors, withPrefix } from "../nn/weights";
import { type OptimizerRecipe, optimizer } from "../optim/optimizer";
import { cosineWithWarmup, type ScheduleRecipe } from "../optim/schedule";
import { tf } from "../tf/tensorflow";
import { batchParts, type TrainingBatch } from "./batches";
import { accumulatingStep, type Loss, type Stepper, stepper, trainingStep } from "./training-step";

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
  /** What the loss uses besides and training leaves as it is. */
  readonly frozen?: NamedArrays | undefined;
  /** Samples that go through the network at once, where a batch is cut into parts for one update by their mean gradient. */
  readonly partSize?: number | undefined;
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
 * same bytes. Throws when the signal aborts (at most one epoch is lost) and when the loss is no number, naming step and epoch.
 */
export async function fit(fitting: Fitting, context: StepContext): Promise<Fitted> {
  const { epochs } = fitting.schedule;
  const frozenFrom = Math.min(fitting.frozenNormFrom ?? epochs, epochs);
  const start = resumed(context) ?? { state: initialState(fitting), losses: [] };
  const moving = await positionAfter(start, { until: frozenFrom, frozen: false }, fitting, context);
  const { state, losses } = await positionAfter(moving, { until: epochs, frozen: true }, fitting, context);
  return { weights: withPrefix(state, "weights."), losses };
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

/** Epochs before `until`, throughout which normalisation runs in one mode. */
interface Phase {
  readonly until: number;
  readonly frozen: boolean;
}

async function positionAfter(
  start: Position,
  { until, frozen }: Phase,
  fitting: Fitting,
  context: StepContext,
): Promise<Position> {
  if (start.losses.length >= until) return start;
  const stepOf = fitting.partSize === undefined ? trainingStep : accumulatingStep;
  const running = stepper(stepOf(fitting.loss, optimizer(fitting.optimizer), frozen), withExtras(start.state, fitting));
  let position = start;
  try {
    while (position.losses.length < until) {
      const loss = await epochLoss(running, position.losses.length, fitting, context);
      position = { state: withoutExtras(running.state()), losses: [...position.losses, loss] };
      if (position.losses.length < fitting.schedule.epochs) {
        context.checkpoint.save({ arrays: position.state, facts: { losses: position.losses } });
      }
    }
    return position;
  } finally {
    running.dispose();
  }
}

/** Besides the state proper: what is frozen, and the sums of an update's gradients, zero between updates. Neither is stored. */
function withExtras(state: NamedArrays, { frozen = {}, partSize }: Fitting): NamedArrays {
  const trained = Object.entries(withPrefix(state, "weights.")).filter(([name]) => !isStatistic(name));
  const sums = trained.map(
    ([name, { shape, data }]) => [name, { shape, data: new Float32Array(data.length) }] as const,
  );
  return {
    ...state,
    ...prefixed(frozen, "frozen."),
    ...(partSize === undefined ? {} : prefixed(Object.fromEntries(sums), "sums.")),
  };
}

function withoutExtras(state: NamedArrays): NamedArrays {
  return Object.fromEntries(Object.entries(state).filter(([name]) => !/^(frozen|sums)\./.test(name)));
}

/** Runs one epoch; returns the mean loss. */
async function epochLoss(
  running: Stepper,
  epoch: number,
  { batches, schedule, samplesPerEpoch, partSize }: Fitting,
  { signal, progress }: StepContext,
): Promise<number> {
  const learningRate = { shape: [], data: Float32Array.of(cosineWithWarmup(schedule)(epoch)) };
  let sum = 0;
  let samples = 0;
  let step = 0;
  const started = performance.now();
  for await (const batch of batches(epoch)) {
    await setImmediate();
    signal.throwIfAborted();
    step += 1;
    const loss = batchLoss(running, batch, learningRate, partSize);
    if (!Number.isFinite(loss)) throw new Error(lossMessage(loss, { step, epoch, samples }));
    sum += loss * batch.samples;
    samples += batch.samples;
    const perSecond = samples / ((performance.now() - started) / 1000);
    const reason = running.notCaptured();
    progress.report(
      (epoch + samples / samplesPerEpoch) / schedule.epochs,
      `epoch ${epoch + 1}/${schedule.epochs} · ${Math.round(perSecond)}/s · loss ${(sum / samples).toFixed(3)}` +
        (reason === null ? "" : ` · op by op, since ${reason}`),
    );
  }
  return sum / samples;
}

/** One update, by the batch at once or by its parts; returns the batch's loss. */
function batchLoss(running: Stepper, batch: TrainingBatch, learningRate: NamedArray, partSize?: number): number {
  if (partSize === undefined) return running.advance({ ...batch.arrays, learningRate });
  const parts = batchParts(batch, partSize);
  const losses = parts.map(({ samples, arrays }, part) => {
    const share = samples / batch.samples;
    const inputs = { ...arrays, share: { shape: [], data: Float32Array.of(share) } };
    return share * running.advance(part === parts.length - 1 ? { ...inputs, learningRate } : inputs);
  });
  return losses.reduce((sum, loss) => sum + loss, 0);
}

function lossMessage(
  loss: number,
  at: { readonly step: number; readonly epoch: number; readonly samples: number },
): string {
  const place = `in step ${at.step} of epoch ${at.epoch + 1}, after ${at.samples} samples`;
  return `the loss became ${loss} ${place}: lower the learning rate; the state before this epoch is kept`;
}
