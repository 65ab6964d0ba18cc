import { random } from "../../core/random";
import { orderedBatches } from "../../data/batches";
import { memorySplit } from "../../data/splits/memory-split";
import { inference } from "../../nn/networks/inference";
import { initialNetwork } from "../../nn/networks/network";
import type { Pass } from "../../nn/pass";
import type { tf } from "../../tf/tensorflow";
import type { Tensors } from "../../tf/tensors";
import { forward } from "../../training/forward";
import type { Workload } from "./measurement";
import { precisionOf, resnetOf } from "./resnet-step";

const grey = { mean: [127, 127, 127], deviation: [64, 64, 64] };

/** From bytes in memory to embeddings, by a network that is ready. A unit is an image. */
export async function embedding({
  depth,
  side = 32,
  images = 256,
  bits,
}: Readonly<Record<string, number>>): Promise<Workload> {
  const architecture = resnetOf(depth);
  const { weights, embeddings } = inference(architecture, initialNetwork(architecture, random("bench", "weights")));
  const embedded = (pass: Pass, batch: Tensors): tf.Tensor => embeddings(pass.weights, batch.images as tf.Tensor4D);
  const network = forward(weights, embedded, precisionOf(bits));
  const draw = random("bench", "images");
  const values = Uint8Array.from({ length: images * side * side * 3 }, () => draw.integer(256));
  const stored = { height: side, width: side, channels: 3 as const, values };
  const split = memorySplit(stored, new Int32Array(images), ["all"], grey);
  const batches = orderedBatches(images, Math.min(images, 256));
  const round = async (): Promise<{ readonly units: number }> => {
    for (const indices of batches) {
      network.map({ images: { shape: [indices.length, ...split.shape], data: await split.load(indices) } });
    }
    return { units: images };
  };
  await round();
  return { round };
}
