import type { Artifact } from "../../lib/core/artifacts/store";
import type { DatasetRecipe } from "../../lib/data/load-dataset";
import type { BackboneRecipe } from "../../lib/training/backbone";
import type { TrainingContext } from "../../lib/training/loop/not-captured";
import type { AutoencoderRecipe, SimclrRecipe } from "../../lib/training/side-information";
import type { TransformationRecipe } from "../../lib/training/transformation";

// The smallest recipes on which something can be learned: drawn shapes of 16 x 16 pixels, a net of
// four channels.

export const toyShapes = { name: "shapes", side: 16, perClass: 2, seed: 0 } as const satisfies DatasetRecipe;

const architecture = { kind: "convolution-net", channels: 4, side: 16, embedding: 8 } as const;

export const toyBackbone: BackboneRecipe = {
  dataset: toyShapes,
  classes: "all",
  architecture,
  labelSmoothing: 0.1,
  optimizer: { kind: "sgd", momentum: 0.875, weightDecay: 2 ** -15 },
  schedule: { learningRate: 0.2, epochs: 5, warmup: 1 },
  batchSize: 24,
  augmentation: { kind: "crop-flip", padding: 1 },
  seed: 0,
};

const { labelSmoothing: _, ...common } = toyBackbone;

export const toySimclr: SimclrRecipe = {
  ...common,
  kind: "simclr",
  temperature: 0.2,
  optimizer: { kind: "adam", weightDecay: 0 },
  schedule: { learningRate: 1e-2, epochs: 4, warmup: 0 },
};

export const toyAutoencoder: AutoencoderRecipe = {
  ...common,
  kind: "autoencoder",
  architecture,
  optimizer: { kind: "adam", weightDecay: 0 },
  schedule: { learningRate: 1e-2, epochs: 4, warmup: 0 },
};

export const toyTransformation: TransformationRecipe = {
  inner: 16,
  views: 2,
  optimizer: { kind: "adam", weightDecay: 2 ** -15 },
  schedule: { learningRate: 5e-3, epochs: 6, warmup: 1 },
  batchSize: 32,
  frozenNormShare: 0.5,
  seed: 0,
};

/** A context whose checkpoint is kept in memory, with everything that was reported and saved. */
export interface ToyContext extends TrainingContext {
  readonly words: string[];
  /** Why steps and networks were not captured. */
  readonly reasons: string[];
  readonly saved: Artifact[];
  readonly abort: () => void;
}

/** `begin` is the checkpoint found at the start; `onReport` sees the words of each report. */
export function toyContext({
  begin = null,
  onReport = () => {},
}: {
  readonly begin?: Artifact | null;
  readonly onReport?: (words: string, context: ToyContext) => void;
} = {}): ToyContext {
  const controller = new AbortController();
  const context: ToyContext = {
    words: [],
    reasons: [],
    saved: [],
    abort: () => controller.abort(new Error("stopped by the test")),
    signal: controller.signal,
    warn: () => {},
    onNotCaptured: (reason) => void context.reasons.push(reason),
    record: () => {},
    checkpoint: { load: () => context.saved.at(-1) ?? begin, save: (state) => void context.saved.push(state) },
    progress: {
      report: (_, words) => {
        context.words.push(words);
        onReport(words, context);
      },
    },
  };
  return context;
}
