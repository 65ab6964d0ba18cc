import type { DatasetRecipe } from "../data/load-dataset";
import { backbone, sideInformation, upgrade } from "../experiments/model/construct";
import type { Row, Table } from "../experiments/table";
import type { BackboneRecipe } from "../training/backbone";
import type { AutoencoderRecipe } from "../training/side-information";
import type { TransformationRecipe } from "../training/transformation";

// Drawn shapes in colours: the old model is told colours only, the new one colours and shapes.
// Embeddings are short, so that little of the shape is left in the old ones; the autoencoder's are
// longer, since they must also tell the position and the size of a shape.
const shapes = { name: "shapes", side: 32, perClass: 100, seed: 0 } as const;
const colours: DatasetRecipe = { ...shapes, labels: "colour" };
const network = { kind: "convolution-net", channels: 32, side: 32, embedding: 16 } as const;
const autoencoderNetwork = { ...network, embedding: 128 } as const;

/** The overview's models: the old one knows colours, the new one shapes as well; upgrades. */
export function overviewModels(seed: number): {
  readonly old: ReturnType<typeof backbone>;
  readonly next: ReturnType<typeof backbone>;
  readonly withoutSide: ReturnType<typeof upgrade>;
  readonly withSide: ReturnType<typeof upgrade>;
} {
  const old = backbone({ ...classifier(seed, 5), dataset: colours });
  const next = backbone(classifier(seed, 8));
  const side = sideInformation(autoencoder(seed));
  const recipe = transformation(seed);
  return {
    old,
    next,
    withoutSide: upgrade(old, { target: next, side: null, recipe }),
    withSide: upgrade(old, { target: next, side, recipe }),
  };
}

/**
 * The problem in miniature: h cannot invent the shape that the old model never looked at, but
 * side-information carries it.
 */
export const overviewTable: Table = {
  id: "overview",
  title: "Drawn shapes: from colours to colours and shapes",
  notebook: "00-overview",
  scales: { quick: { seeds: 1, dataset: "drawn shapes, 6 colours -> 36 coloured shapes, 32 x 32 pixels" } },
  gap: { from: "old-old", to: "new-new" },
  rows: (_, seed) => {
    const { old, next, withoutSide, withSide } = overviewModels(seed);
    const row = (id: string, label: string, query: Row["query"], gallery: Row["gallery"]): Row => {
      return { id, label, query, gallery, dataset: shapes, reported: [] };
    };
    return [
      row("old-old", "old / old", old, old),
      row("independent", "new / old, independent", next, old),
      row("fct-none", "new / h(old), FCT without side-information", next, withoutSide),
      row("fct-autoencoder", "new / h(old), FCT, autoencoder side-information", next, withSide),
      row("new-new", "new / new", next, next),
    ];
  },
};

function classifier(seed: number, epochs: number): BackboneRecipe {
  return {
    dataset: shapes,
    classes: "all",
    architecture: network,
    labelSmoothing: 0.1,
    optimizer: { kind: "sgd", momentum: 0.875, weightDecay: 2 ** -15 },
    schedule: { learningRate: 0.1, epochs, warmup: 1 },
    batchSize: 64,
    augmentation: { kind: "crop-flip", padding: 2 },
    seed,
  };
}

function autoencoder(seed: number): AutoencoderRecipe {
  return {
    kind: "autoencoder",
    dataset: shapes,
    classes: "all",
    architecture: autoencoderNetwork,
    optimizer: { kind: "adam", weightDecay: 0 },
    schedule: { learningRate: 2e-3, epochs: 12, warmup: 1 },
    batchSize: 64,
    augmentation: { kind: "crop-flip", padding: 2 },
    seed,
  };
}

function transformation(seed: number): TransformationRecipe {
  return {
    inner: 256,
    views: 4,
    optimizer: { kind: "adam", weightDecay: 2 ** -15 },
    schedule: { learningRate: 1e-3, epochs: 10, warmup: 2 },
    batchSize: 256,
    frozenNormShare: 0.5,
    seed,
  };
}
