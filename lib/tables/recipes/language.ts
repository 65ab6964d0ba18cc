import { oneOf } from "../../core/check";
import type { PretrainedBase } from "../../experiments/language/language-model";
import type { TaskKind, TaskRecipe } from "../../language/tasks/task";
import type { TextRecipe } from "../../language/texts/token-stream";
import type { AdapterRecipe } from "../../language/training/adapter-training";

/** What a scale fixes for the language models, besides what an update changes. */
export interface LanguageRecipes {
  readonly sizes: { readonly vocabulary: number; readonly context: number; readonly depth: number };
  /** Width of a decoder, and of the smaller one of an update to more parameters. */
  readonly width: number;
  readonly smallWidth: number;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /** Epochs of pretraining, of an old model with less data, and of one trained for less long. */
  readonly epochs: number;
  readonly fewEpochs: number;
  readonly shortEpochs: number;
  /** Share of the text that an old model with less data sees. */
  readonly fewText: number;
  readonly tasks: Readonly<Partial<Record<TaskKind, TaskRecipe>>>;
  /** The recipe of a task's adapter. */
  readonly adapter: AdapterRecipe;
  /** The recipe by which an adapter is trained further to be compatible. */
  readonly further: AdapterRecipe;
  /** The same of the control, which learns the task alone. */
  readonly longer: AdapterRecipe;
  readonly temperature: number;
}

const adam: AdapterRecipe["optimizer"] = { kind: "adam", weightDecay: 0 };

/**
 * Decoders of 0.3 to 1.1 million weights. Differences from MUSCLE's recipe (Echterhoff et al.,
 * 2024), each because the decoders are small: rank 16 instead of 128; temperature 1 instead of 2; a
 * prompt's tokens do not count, since a prompt has some forty of them, which such a decoder cannot
 * predict; learning rates 1e-3 and 5e-4 instead of 1e-4; 4 epochs instead of 10.
 * results/trials.json says what was chosen by results.
 */
function quickLanguage(seed: number): LanguageRecipes {
  const task = (kind: TaskKind, train: number, test: number): TaskRecipe => ({ kind, train, test });
  const adapter: AdapterRecipe = {
    adapter: { rank: 16, alpha: 32 },
    optimizer: adam,
    schedule: { learningRate: 1e-3, epochs: 4, warmup: 1 },
    batchSize: 16,
    promptWeight: 0,
    validationShare: 0.2,
    seed,
  };
  return {
    sizes: { vocabulary: 2048, context: 64, depth: 4 },
    width: 128,
    smallWidth: 64,
    batchSize: 16,
    stepsPerEpoch: 100,
    epochs: 6,
    fewEpochs: 3,
    shortEpochs: 1,
    fewText: 0.25,
    tasks: {
      subjectivity: task("subjectivity", 1000, 1000),
      polarity: task("polarity", 1000, 1000),
      arithmetic: task("arithmetic", 1000, 200),
      restoration: task("restoration", 1000, 200),
    },
    adapter,
    further: { ...adapter, schedule: { learningRate: 5e-4, epochs: 4, warmup: 1 } },
    longer: { ...adapter, schedule: { learningRate: 5e-4, epochs: 4, warmup: 1 } },
    temperature: 1,
  };
}

/**
 * A decoder of about 10 million weights, some hours for a seed on a laptop, which goes through the
 * text six times; all differences from the paper are those of the quick scale. Beside its tasks are
 * published ones, of which PIQA, ARC and OpenBookQA are the user's copies.
 */
function laptopLanguage(seed: number): LanguageRecipes {
  const quick = quickLanguage(seed);
  const task = (kind: TaskKind, train: number, test: number): TaskRecipe => ({ kind, train, test });
  const adapter: AdapterRecipe = {
    ...quick.adapter,
    adapter: { rank: 32, alpha: 64 },
    schedule: { learningRate: 5e-4, epochs: 4, warmup: 1 },
  };
  return {
    ...quick,
    sizes: { ...quick.sizes, context: 128, depth: 8 },
    width: 320,
    smallWidth: 160,
    batchSize: 32,
    stepsPerEpoch: 500,
    epochs: 6,
    fewEpochs: 3,
    shortEpochs: 1,
    tasks: {
      subjectivity: task("subjectivity", 2000, 4000),
      polarity: task("polarity", 2000, 4000),
      arithmetic: task("arithmetic", 2000, 1000),
      restoration: task("restoration", 1900, 500),
      gsm8k: task("gsm8k", 2000, 1300),
      piqa: task("piqa", 2000, 1800),
      "arc-easy": task("arc-easy", 2000, 2300),
      "arc-challenge": task("arc-challenge", 1000, 1100),
      openbookqa: task("openbookqa", 2000, 490),
    },
    adapter,
    further: { ...adapter, schedule: { learningRate: 2e-4, epochs: 4, warmup: 1 } },
    longer: { ...adapter, schedule: { learningRate: 2e-4, epochs: 4, warmup: 1 } },
  };
}

/** The recipes of a scale for one seed. Throws RangeError if there is no such scale. */
export function languageRecipes(scale: string, seed: number): LanguageRecipes {
  switch (oneOf("scale", scale, ["quick", "laptop"])) {
    case "quick":
      return quickLanguage(seed);
    case "laptop":
      return laptopLanguage(seed);
  }
}

/** What an old base model has less of than the new one. */
export type Update = "more data" | "more parameters" | "longer training";

const text: TextRecipe = { collections: ["movie_reviews"], share: 1 };

/** The new base model, or the old one of an update. */
export function baseModel(recipes: LanguageRecipes, seed: number, update: Update | null): PretrainedBase {
  const { sizes, width, smallWidth, batchSize, stepsPerEpoch, fewText } = recipes;
  const ownWidth = update === "more parameters" ? smallWidth : width;
  return {
    kind: "base",
    recipe: {
      text: update === "more data" ? { ...text, share: fewText } : text,
      sizes: { ...sizes, width: ownWidth, heads: ownWidth / 32 },
      optimizer: adam,
      schedule: { learningRate: 2e-3, epochs: epochsOf(recipes, update), warmup: 1 },
      batchSize,
      stepsPerEpoch,
      seed,
    },
  };
}

function epochsOf({ epochs, fewEpochs, shortEpochs }: LanguageRecipes, update: Update | null): number {
  switch (update) {
    case "more data":
      return fewEpochs;
    case "longer training":
      return shortEpochs;
    case "more parameters":
    case null:
      return epochs;
  }
}
