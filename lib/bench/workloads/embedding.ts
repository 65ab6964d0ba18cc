import { random } from "../../core/random";
import { memorySplit } from "../../data/memory-split";
import { initialNetwork } from "../../nn/network";
import { embedImages } from "../../training/embed";
import type { Workload } from "../measurement";
import { resnetOf } from "./resnets";

const grey = { mean: [127, 127, 127], deviation: [64, 64, 64] };
const quiet = { progress: { report: () => undefined }, signal: new AbortController().signal };

/** Embedding images that are in memory, bytes to embeddings; a unit is an image. */
export async function embedding({
  depth,
  side = 32,
  images = 256,
}: Readonly<Record<string, number>>): Promise<Workload> {
  const architecture = resnetOf(depth);
  const weights = initialNetwork(architecture, random("bench", "weights"));
  const draw = random("bench", "images");
  const values = Uint8Array.from({ length: images * side * side * 3 }, () => draw.integer(256));
  const stored = { height: side, width: side, channels: 3 as const, values };
  const split = memorySplit(stored, new Int32Array(images), ["all"], grey);
  const round = async (): Promise<{ readonly units: number }> => {
    await embedImages({ architecture, weights }, split, null, quiet);
    return { units: images };
  };
  await round();
  return { round };
}
