import type { Normalisation } from "../splits/memory-split";

const bytes = (shares: readonly number[]): readonly number[] => shares.map((share) => share * 255);

/** Mean and deviation of ImageNet's red, green and blue, which the official code takes for every dataset. */
export const imagenetNormalisation: Normalisation = {
  mean: bytes([0.485, 0.456, 0.406]),
  deviation: bytes([0.229, 0.224, 0.225]),
};
