import { positive, wholeNumber } from "../core/check";

/** How the learning rate changes over the epochs. */
export interface ScheduleRecipe {
  /** The largest rate, reached at the end of the warm-up. */
  readonly learningRate: number;
  readonly epochs: number;
  /** Epochs of linear rise, at most `epochs`. */
  readonly warmup: number;
}

/**
 * The learning rate of each epoch: it rises linearly from learningRate / warmup in epoch 0, then
 * falls along half a cosine towards 0, which it never reaches. Throws RangeError on a schedule or
 * an epoch out of range.
 */
export function cosineWithWarmup({ learningRate, epochs, warmup }: ScheduleRecipe): (epoch: number) => number {
  checkSchedule({ learningRate, epochs, warmup });
  return (epoch) => {
    wholeNumber("epoch", epoch, { least: 0, most: epochs - 1 });
    if (epoch < warmup) return (learningRate * (epoch + 1)) / warmup;
    return (learningRate * (1 + Math.cos((Math.PI * (epoch - warmup)) / (epochs - warmup)))) / 2;
  };
}

function checkSchedule({ learningRate, epochs, warmup }: ScheduleRecipe): void {
  positive("learning rate", learningRate);
  wholeNumber("epochs", epochs, { least: 1 });
  wholeNumber("epochs of warm-up", warmup, { least: 0, most: epochs });
}
