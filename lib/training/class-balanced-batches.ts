import type { Random } from "../core/random";

/** A batch holds `perClass` images of each of batchSize / perClass classes. */
interface ClassBalance {
  readonly batchSize: number;
  readonly perClass: number;
}

/**
 * The batches of one epoch, indices of `labels`: about as many images as there are. Classes take turns in random order, and so do the images
 * of each; a class with fewer than `perClass` images repeats them. Throws RangeError where the sizes do not fit, naming them.
 */
export function classBalancedBatches(
  labels: Int32Array,
  { batchSize, perClass }: ClassBalance,
  random: Random,
): readonly Int32Array[] {
  const members = [...membersByClass(labels).values()];
  checkBalance({ batchSize, perClass }, members.length);
  const nextClasses = turns(members.length, random.fork(0));
  const nextImages = members.map((images, index) => {
    const draw = turns(images.length, random.fork(index + 1));
    return () => draw(perClass).map((position) => images[position] ?? -1);
  });
  return Array.from({ length: Math.max(1, Math.round(labels.length / batchSize)) }, () =>
    Int32Array.from(nextClasses(batchSize / perClass).flatMap((index) => nextImages[index]?.() ?? [])),
  );
}

function membersByClass(labels: Int32Array): ReadonlyMap<number, readonly number[]> {
  const members = new Map<number, number[]>();
  labels.forEach((label, index) => {
    const known = members.get(label);
    if (known === undefined) members.set(label, [index]);
    else known.push(index);
  });
  return members;
}

/** Draws of 0 .. count - 1, round after round, each round in random order; a draw repeats nothing unless it is larger than a round. */
function turns(count: number, random: Random): (wanted: number) => readonly number[] {
  let waiting: readonly number[] = [];
  return (wanted) => {
    const drawn = waiting.slice(0, wanted);
    waiting = waiting.slice(wanted);
    while (drawn.length < wanted) {
      const round = Array.from(random.permutation(count));
      // What this draw holds already waits for the end of the new round.
      const held = new Set(drawn);
      const ordered = [...round.filter((item) => !held.has(item)), ...round.filter((item) => held.has(item))];
      const missing = wanted - drawn.length;
      drawn.push(...ordered.slice(0, missing));
      waiting = ordered.slice(missing);
    }
    return drawn;
  };
}

function checkBalance({ batchSize, perClass }: ClassBalance, classes: number): void {
  if (!(Number.isInteger(perClass) && perClass >= 2)) {
    throw new RangeError(`${perClass} images of a class in a batch: allowed is a whole number from 2`);
  }
  const drawn = batchSize / perClass;
  if (!(Number.isInteger(drawn) && drawn >= 2 && drawn <= classes)) {
    throw new RangeError(
      `a batch of ${batchSize} with ${perClass} images a class holds ${drawn} classes: allowed is a whole number from 2 to the ${classes} there are`,
    );
  }
}
