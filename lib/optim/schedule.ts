/** A learning rate over the epochs. */
export interface ScheduleRecipe {
  /** The rate at the end of the warm-up, the largest. */
  readonly learningRate: number;
  readonly epochs: number;
  /** Epochs of linear rise, at most `epochs`. */
  readonly warmup: number;
}

/** Linear from learningRate / warmup in epoch 0, then half a cosine towards 0 (never reached). Throws RangeError on an epoch outside. */
export function cosineWithWarmup({ learningRate, epochs, warmup }: ScheduleRecipe): (epoch: number) => number {
  checkSchedule({ learningRate, epochs, warmup });
  return (epoch) => {
    if (!(epoch >= 0 && epoch < epochs)) throw new RangeError(`epoch ${epoch}: allowed is 0 to ${epochs - 1}`);
    if (epoch < warmup) return (learningRate * (epoch + 1)) / warmup;
    return (learningRate * (1 + Math.cos((Math.PI * (epoch - warmup)) / (epochs - warmup)))) / 2;
  };
}

function checkSchedule({ learningRate, epochs, warmup }: ScheduleRecipe): void {
  if (!(learningRate > 0)) throw new RangeError(`learning rate ${learningRate}: allowed is a number above 0`);
  if (!(Number.isInteger(epochs) && epochs >= 1)) {
    throw new RangeError(`${epochs} epochs: allowed is a whole number from 1`);
  }
  if (!(Number.isInteger(warmup) && warmup >= 0 && warmup <= epochs)) {
    throw new RangeError(`${warmup} epochs of warm-up: allowed is a whole number from 0 to the ${epochs} epochs`);
  }
}
