import type { ResNet } from "../../nn/resnet-blocks";

/** The ResNet of that depth with an embedding of 128. */
export function resnetOf(depth: number | undefined): ResNet {
  if (depth === 18 || depth === 50) return { kind: "resnet", depth, embedding: 128 };
  throw new RangeError(`depth ${depth}: 18 and 50 are measured`);
}
