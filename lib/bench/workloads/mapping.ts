import { random } from "../../core/random";
import { initialTransformation } from "../../nn/transformation";
import { mapEmbeddings } from "../../training/embed";
import { noiseRows } from "./made-up";
import type { Workload } from "./measurement";

const dimensions = 128;

/** Mapping stored 128-d embeddings by h. A unit is an item. */
export async function mapping({ inner = 2048, items = 32_768 }: Readonly<Record<string, number>>): Promise<Workload> {
  const sizes = { old: dimensions, side: dimensions, target: dimensions, inner };
  const weights = initialTransformation(sizes, random("bench", "weights"));
  const stored = { old: noiseRows("old", items, dimensions), side: noiseRows("side", items, dimensions) };
  const round = async (): Promise<{ readonly units: number }> => {
    mapEmbeddings({}, weights, stored);
    return { units: items };
  };
  await round();
  return { round };
}
