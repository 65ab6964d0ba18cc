import { random } from "../../core/random";
import { initialTransformation } from "../../nn/transformation";
import { optimizer } from "../../optim/optimizer";
import { transformationLoss } from "../../training/transformation-loss";
import { noiseRows } from "./made-up";
import type { Workload } from "./measurement";
import { fromStart, precisionOf, rate } from "./resnet-step";

const dimensions = 128;

/** Steps of training h on 128-d embeddings. A unit is a row. */
export async function transformationStep({
  inner = 2048,
  batch = 1024,
  steps = 1,
  bits,
}: Readonly<Record<string, number>>): Promise<Workload> {
  const sizes = { old: dimensions, side: dimensions, target: dimensions, inner };
  const weights = initialTransformation(sizes, random("bench", "weights"));
  const adam = optimizer({ kind: "adam", weightDecay: 2 ** -15 });
  const running = fromStart(weights, transformationLoss({}, {}), adam, precisionOf(bits));
  const rows = (name: string) => ({ shape: [batch, dimensions], data: noiseRows(name, batch, dimensions).data });
  const inputs = { old: rows("old"), side: rows("side"), target: rows("target"), learningRate: rate(5e-4) };
  const advance = (): void => void running.advance(inputs);
  advance();
  advance();
  return {
    round: async () => {
      for (let step = 0; step < steps; step++) advance();
      return { units: batch * steps };
    },
  };
}
