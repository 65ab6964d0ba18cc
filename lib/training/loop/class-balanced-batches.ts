import { wholeNumber } from "../../core/check";
import { classMembers } from "../../core/class-members";
import type { Random } from "../../core/random";

/** A batch has `perClass` images of each of batchSize / perClass classes. */
interface ClassBalance {
  readonly batchSize: number;
  readonly perClass: number;
}

/**
 * The batches of one epoch, as indices into `labels`; together about as long as `labels`. Classes
 * take turns in random order, and so do the images of a class. A class of fewer than `perClass`
 * images repeats them. Throws RangeError if the sizes do not fit.
 */
export function classBalancedBatches(
  labels: Int32Array,
  { batchSize, perClass }: ClassBalance,
  random: Random,
): readonly Int32Array[] {
  const members = [...classMembers(labels).values()];
  checkBalance({ batchSize, perClass }, members.length);
  const nextClasses = turns(members.length, random.fork(0));
  const nextImages = members.map((images, index) => {
    const draw = turns(images.length, random.fork(index + 1));
    return () => draw(perClass).map((position) => images[position] as number);
  });
  return Array.from({ length: Math.max(1, Math.round(labels.length / batchSize)) }, () =>
    Int32Array.from(nextClasses(batchSize / perClass).flatMap((index) => nextImages[index]?.() ?? [])),
  );
}

/**
 * Draws from 0 .. count - 1, round after round, each round in random order. A draw has no
 * repetition unless it is larger than a round.
 */
function turns(count: number, random: Random): (wanted: number) => readonly number[] {
  let waiting: readonly number[] = [];
  return (wanted) => {
    const drawn = waiting.slice(0, wanted);
    waiting = waiting.slice(wanted);
    while (drawn.length < wanted) {
      const round = Array.from(random.permutation(count));
      // Items that are already in this draw come last in the new round.
      const present = new Set(drawn);
      const ordered = [...round.filter((item) => !present.has(item)), ...round.filter((item) => present.has(item))];
      const missing = wanted - drawn.length;
      drawn.push(...ordered.slice(0, missing));
      waiting = ordered.slice(missing);
    }
    return drawn;
  };
}

function checkBalance({ batchSize, perClass }: ClassBalance, classes: number): void {
  wholeNumber("images of a class in a batch", perClass, { least: 2 });
  const inBatch = `classes in a batch of ${batchSize} with ${perClass} images each`;
  wholeNumber(inBatch, batchSize / perClass, { least: 2, most: classes });
}
