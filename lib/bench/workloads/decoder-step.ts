import { random } from "../../core/random";
import { initialDecoderWeights } from "../../language/decoder/decoder";
import { nextTokenLoss } from "../../language/training/pretraining";
import { optimizer } from "../../optim/optimizer";
import type { Workload } from "./measurement";
import { fromStart, precisionOf, rate } from "./resnet-step";

const vocabulary = 2048;

/** Steps of pretraining a decoder, at a precision of `bits`. A unit is a token. */
export async function decoderStep({
  width = 128,
  depth = 4,
  heads = 4,
  context = 64,
  batch = 16,
  steps = 1,
  bits,
}: Readonly<Record<string, number>>): Promise<Workload> {
  const sizes = { vocabulary, context, width, depth, heads };
  const weights = initialDecoderWeights(sizes, random("bench", "weights"));
  const running = fromStart(
    weights,
    nextTokenLoss(sizes),
    optimizer({ kind: "adam", weightDecay: 0 }),
    precisionOf(bits),
  );
  const { integer } = random("bench", "tokens");
  const tokens = (): Int32Array => Int32Array.from({ length: batch * context }, () => integer(vocabulary));
  const inputs = {
    tokens: { shape: [batch, context], data: tokens() },
    targets: { shape: [batch * context], data: tokens() },
    learningRate: rate(1e-3),
  };
  const advance = (): void => void running.advance(inputs);
  advance();
  advance();
  return {
    round: async () => {
      for (let step = 0; step < steps; step++) advance();
      return { units: batch * context * steps };
    },
  };
}
