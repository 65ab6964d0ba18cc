import { setImmediate } from "node:timers/promises";
import { notFinite } from "../../core/check";
import type { NamedArrays } from "../../core/named-arrays";
import { isStatistic } from "../../nn/pass";
import { prefixed, toArrays, toTensors, withPrefix } from "../../nn/weights";
import { type OptimizerRecipe, optimizer } from "../../optim/optimizer";
import { cosineWithWarmup, type ScheduleRecipe } from "../../optim/schedule";
import type { Precision } from "../../tf/graph/precision";
import { tf } from "../../tf/tensorflow";
import type { TrainingBatch } from "./batches";
import { firstReason, type TrainingContext } from "./not-captured";
import { accumulatingStep, type Loss, type Stepper, stepper, trainingStep } from "./training-step";
import { laterInputs, type UpdateInput, updateInputs } from "./update-inputs";

/** Everything that a training consists of. */
export interface Fitting {
  readonly weights: NamedArrays;
  readonly loss: Loss;
  readonly optimizer: OptimizerRecipe;
  readonly schedule: ScheduleRecipe;
  /** The batches of an epoch, the same on every call. */
  readonly batches: (epoch: number) => AsyncIterable<TrainingBatch>;
  readonly samplesPerEpoch: number;
  /**
   * Samples of the batches of an epoch, if their number is all in which batches differ: what each
   * of the sizes needs is then made ready at once.
   */
  readonly batchSizes?: readonly number[];
  /** First epoch in which normalisation runs in evaluation mode; never by default. */
  readonly frozenNormFrom?: number;
  /** Arrays that the loss uses and that training does not change. */
  readonly frozen?: NamedArrays | undefined;
  /**
   * Samples that go through the network at once: a batch is cut into parts of this size for one
   * update by their mean gradient. By default a batch is not cut.
   */
  readonly partSize?: number | undefined;
  /** In what convolutions and matrix products compute; float32 by default. */
  readonly precision?: Precision | undefined;
}

/** Trained weights, and the mean loss of each epoch. */
export interface Fitted {
  readonly weights: NamedArrays;
  readonly losses: readonly number[];
}

/** Where a training stands after an epoch. */
interface Position {
  readonly state: NamedArrays;
  readonly losses: readonly number[];
}

/** One call of `fit`. */
interface Run {
  readonly fitting: Fitting;
  readonly context: TrainingContext;
  /** Takes the reason why a step was not captured, whenever one is known. */
  readonly note: (reason: string | null) => void;
}

/**
 * The one training loop. After every epoch the whole state goes to the checkpoint, from which a
 * later call continues to the same bytes. Tells the context's listener if its steps are not
 * captured. Throws if the signal aborts (at most one epoch is lost), and if a loss is not finite.
 */
export async function fit(fitting: Fitting, context: TrainingContext): Promise<Fitted> {
  const { epochs } = fitting.schedule;
  const frozenFrom = Math.min(fitting.frozenNormFrom ?? epochs, epochs);
  const run: Run = { fitting, context, note: firstReason(context) };
  const start = resumed(context) ?? { state: initialState(fitting), losses: [] };
  const moving = await positionAfter(start, { until: frozenFrom, frozen: false }, run);
  const { state, losses } = await positionAfter(moving, { until: epochs, frozen: true }, run);
  return { weights: withPrefix(state, "weights."), losses };
}

function resumed({ checkpoint }: TrainingContext): Position | null {
  const saved = checkpoint.load();
  return saved && { state: saved.arrays, losses: saved.facts.losses as readonly number[] };
}

function initialState({ weights, optimizer: recipe }: Fitting): NamedArrays {
  const { initialSlots } = optimizer(recipe);
  const tensors = toTensors(trainedIn(weights));
  const slotTensors = initialSlots(tensors);
  const slots = toArrays(slotTensors);
  tf.dispose({ ...tensors, ...slotTensors });
  return {
    ...prefixed(weights, "weights."),
    ...prefixed(slots, "slots."),
    step: { shape: [], data: Float32Array.of(0) },
  };
}

function trainedIn(weights: NamedArrays): NamedArrays {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => !isStatistic(name)));
}

/** The epochs before `until`; normalisation runs in evaluation mode in all of them, or in none. */
interface Phase {
  readonly until: number;
  readonly frozen: boolean;
}

async function positionAfter(start: Position, { until, frozen }: Phase, run: Run): Promise<Position> {
  if (start.losses.length >= until) return start;
  const { fitting, context } = run;
  const stepOf = fitting.partSize === undefined ? trainingStep : accumulatingStep;
  const step = stepOf(fitting.loss, optimizer(fitting.optimizer), frozen);
  const running = stepper(step, withExtras(start.state, fitting), fitting.precision);
  let position = start;
  try {
    while (position.losses.length < until) {
      const loss = await epochLoss(running, position.losses.length, run);
      position = finite({ state: withoutExtras(running.state()), losses: [...position.losses, loss] });
      if (position.losses.length < fitting.schedule.epochs) save(position, context);
    }
    return position;
  } finally {
    running.dispose();
  }
}

/** `position`. Throws if the last update of an epoch has spoilt what the loss no longer shows. */
function finite(position: Position): Position {
  for (const [name, { data }] of Object.entries(position.state)) {
    const wrong = notFinite(data);
    if (wrong === null) continue;
    const when = `after epoch ${position.losses.length}`;
    throw new Error(
      `${name.replace(".", " ")} are not finite ${when} (${wrong}): lower the learning rate; the state before this epoch is kept`,
    );
  }
  return position;
}

function save({ state, losses }: Position, { checkpoint }: TrainingContext): void {
  checkpoint.save({ arrays: state, facts: { losses } });
}

/**
 * The state with what a step needs besides and no checkpoint stores: frozen arrays, and the sums of
 * an update's gradients, which are zero between updates.
 */
function withExtras(state: NamedArrays, { frozen = {}, partSize }: Fitting): NamedArrays {
  const trained = Object.entries(trainedIn(withPrefix(state, "weights.")));
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
async function epochLoss(running: Stepper, epoch: number, { fitting, context, note }: Run): Promise<number> {
  const { batches, schedule, samplesPerEpoch } = fitting;
  const learningRate = { shape: [], data: Float32Array.of(cosineWithWarmup(schedule)(epoch)) };
  let sum = 0;
  let samples = 0;
  let step = 0;
  const started = performance.now();
  for await (const batch of batches(epoch)) {
    await setImmediate();
    context.signal.throwIfAborted();
    step += 1;
    if (step === 1) running.awaits(laterInputs(batch, { ...fitting, learningRate }));
    const loss = batchLoss(running, updateInputs(batch, { ...fitting, learningRate }));
    note(running.notCaptured());
    if (!Number.isFinite(loss)) throw new Error(lossMessage(loss, { step, epoch, samples }));
    sum += loss * batch.samples;
    samples += batch.samples;
    const perSecond = samples / ((performance.now() - started) / 1000);
    context.progress.report(
      (epoch + samples / samplesPerEpoch) / schedule.epochs,
      `epoch ${epoch + 1}/${schedule.epochs} · ${Math.round(perSecond)}/s · loss ${(sum / samples).toFixed(3)}`,
    );
  }
  return sum / samples;
}

/** Makes one update, by the whole batch or by its parts; returns the batch's loss. */
function batchLoss(running: Stepper, inputs: readonly UpdateInput[]): number {
  return inputs.reduce((sum, { share, arrays }) => sum + share * running.advance(arrays), 0);
}

function lossMessage(
  loss: number,
  at: { readonly step: number; readonly epoch: number; readonly samples: number },
): string {
  const place = `in step ${at.step} of epoch ${at.epoch + 1}, after ${at.samples} samples`;
  return `the loss became ${loss} ${place}: lower the learning rate; the state before this epoch is kept`;
}
