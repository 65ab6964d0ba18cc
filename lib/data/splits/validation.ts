import { hashOf, sha256 } from "../../core/hash";
import { random } from "../../core/random";
import { type Dataset, selectImages } from "./dataset";

/** Which training images are held out. */
export interface ValidationSplit {
  readonly seed: number;
}

/** How many of a class's training images are held out: a tenth, one at least, never the last. */
export function heldOutOf(images: number): number {
  return Math.max(0, Math.min(images - 1, Math.max(1, Math.round(images / 10))));
}

const known = new WeakMap<Dataset, Map<number, Dataset>>();

/**
 * The dataset on which choices are made: its test images are a tenth of each class's training
 * images, drawn by the seed, or those that the dataset names (Omniglot's drawers 13 and 14); its
 * training images are the others. Pixels are normalised as in the whole dataset, so that a model
 * trained on one embeds the images of the other alike.
 */
export function validationOf(dataset: Dataset, { seed }: ValidationSplit): Dataset {
  const bySeed = known.get(dataset) ?? new Map<number, Dataset>();
  known.set(dataset, bySeed);
  const split = bySeed.get(seed) ?? divided(dataset, seed);
  bySeed.set(seed, split);
  return split;
}

function divided({ train, heldOut, identity }: Dataset, seed: number): Dataset {
  const out = new Set(heldOut ?? drawn(train, seed));
  const all = Int32Array.from(train.labels.keys());
  const [kept, held] = [all.filter((index) => !out.has(index)), all.filter((index) => out.has(index))];
  const parts = { train: selectImages(train, kept), test: selectImages(train, held) };
  if (identity === undefined) return parts;
  // The images cannot be hashed one by one: which of them a part has is added to the whole's hash.
  return {
    ...parts,
    identity: async () => {
      const whole = await identity();
      const partOf = (indices: Int32Array): string => sha256(`${whole.train} ${hashOf([...indices])}`);
      return { ...whole, train: partOf(kept), test: partOf(held) };
    },
  };
}

/** A class is drawn by its name, whatever its label. */
function drawn({ labels, classNames }: Dataset["train"], seed: number): readonly number[] {
  const members = classNames.map((): number[] => []);
  for (const [index, label] of labels.entries()) members[label]?.push(index);
  return members.flatMap((indices, label) => {
    const order = random(seed, "validation", classNames[label] ?? "").permutation(indices.length);
    return Array.from(order.slice(0, heldOutOf(indices.length)), (position) => indices[position] as number);
  });
}
