import { matrix } from "../../core/matrix";
import { random } from "../../core/random";
import { trainTransformation } from "../../training/transformation";
import { type Finding, right, wrong } from "./finding";

const rows = 64;
const columns = 16;

/** Trains an h for one step, as a graph, and says how long that took and what the loss was. */
export async function firstStep(): Promise<readonly Finding[]> {
  const start = performance.now();
  const reasons: string[] = [];
  const [old, side, target] = ["old", "side", "target"].map(noise) as [Rows, Rows, Rows];
  const { losses } = await trainTransformation(recipe, { old, side, target }, context(reasons));
  const words = `loss ${losses[0]?.toFixed(6)}, in ${((performance.now() - start) / 1000).toFixed(1)} s`;
  const [reason] = reasons;
  if (reason === undefined) return [right("training step", words)];
  return [wrong("training step", `${words}, op by op: ${reason}`, "npm run setup")];
}

const recipe = {
  inner: 32,
  views: 1,
  optimizer: { kind: "adam", weightDecay: 2 ** -15 },
  schedule: { learningRate: 1e-3, epochs: 1, warmup: 0 },
  batchSize: rows,
  frozenNormShare: 0,
  seed: 0,
} as const;

type Rows = ReturnType<typeof matrix>;

function noise(name: string): Rows {
  const { normal } = random("doctor", name);
  return matrix(rows, columns, Float32Array.from({ length: rows * columns }, normal));
}

/** Nothing is kept, and nobody interrupts. */
function context(reasons: string[]): Parameters<typeof trainTransformation>[2] {
  return {
    checkpoint: { load: () => null, save: () => {} },
    progress: { report: () => {} },
    signal: new AbortController().signal,
    warn: () => {},
    record: () => {},
    onNotCaptured: (reason) => reasons.push(reason),
  };
}
