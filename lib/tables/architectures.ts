import { backbone, compatible, upgrade } from "../experiments/model/construct";
import type { Backbone } from "../experiments/model/model";
import type { Row, Table } from "../experiments/table";
import type { Architecture } from "../nn/networks/network";
import type { ResNet } from "../nn/networks/resnet";
import type { NewArchitecture } from "./recipes/base";
import { reportedArchitecture } from "./shared/reported";
import { modelsAt, rowsOn, type SharedModels, usualScales } from "./shared/shared-models";

/** A change of architecture and of embedding size from the old to the new model. */
export const architecturesTable: Table = {
  id: "architectures",
  title: "Another architecture, another embedding size",
  notebook: "04-architecture-change",
  scales: usualScales,
  gap: null,
  measures: [{ id: "dimensions", title: "new dimensions", decimals: 0 }],
  notes: [
    "BCT has no row where the embedding sizes differ: it feeds the new embedding to the old classifier, which takes the old size.",
    "A gap between old and new is of classes and of the network. The row of the old network on all classes tells them apart: what it lacks of the new one is the network's.",
    "On few images a larger network is no better one: below the paper's scale most pairs are turned round, so that the new model is the ResNet-18 of the other tables and the old one is each of the others.",
    "At the quick scale the other networks have half of their usual width, those with bottlenecks a quarter, and h learns from two views of each image instead of four.",
  ],
  rows: (scale, seed) => {
    const models = modelsAt(scale, seed);
    const { recipes, old, next } = models;
    const row = reportedRows(models);
    const change = changeRows(models);
    const from = oldRows(models);
    const { before, after } = pairs[scale as keyof typeof pairs];
    const { resnet18, mobilenet } = recipes.architectures;
    const smallMobilenet = backbone({
      ...recipes.backbone,
      classes: recipes.half,
      architecture: { ...mobilenet, embedding: 64 },
    });
    const usual = recipes.backbone.architecture as ResNet;
    return [
      row("old-old", "old / old", old, old, { gap: { from: "old-old", to: "new-new" } }),
      row("new-new", "new / new", next, next, { gap: { from: "old-old", to: "new-new" } }),
      ...before.flatMap((name) => from(titles[name], recipes.architectures[name])),
      ...(scale === "laptop" ? from("ResNet-18 of width 16", { ...usual, width: 16 }) : []),
      ...after.flatMap((name) => change(titles[name], recipes.architectures[name], { bct: name === "resnet50" })),
      ...(scale === "laptop" ? change("ResNet-18 of width 64", { ...usual, width: 64 }) : []),
      ...[32, 512].flatMap((embedding) => change(`ResNet-18, ${embedding}-d`, { ...resnet18, embedding })),
      ...change(
        "ResNet-18, 256-d",
        { ...resnet18, embedding: 256 },
        { from: smallMobilenet, fromName: "MobileNetV2, 64-d" },
      ),
    ];
  },
};

const titles: Readonly<Record<NewArchitecture, string>> = {
  resnet18: "ResNet-18",
  resnet34: "ResNet-34",
  resnet50: "ResNet-50",
  resnet101: "ResNet-101",
  wide50: "wide ResNet-50-2",
  mobilenet: "MobileNetV2",
  vit: "ViT",
};

/**
 * At each scale, the old networks of the usual new model and the new ones of the usual old model.
 */
const pairs: Readonly<
  Record<
    keyof typeof usualScales,
    { readonly before: readonly NewArchitecture[]; readonly after: readonly NewArchitecture[] }
  >
> = {
  quick: { before: ["resnet34", "resnet50", "resnet101", "wide50", "mobilenet", "vit"], after: ["resnet50"] },
  laptop: { before: ["mobilenet"], after: ["resnet34", "resnet50"] },
  paper: { before: [], after: ["resnet18", "resnet34", "resnet50", "resnet101", "wide50", "mobilenet", "vit"] },
};

/** A writer of rows with what publications report for their ids. */
function reportedRows({ dataset }: SharedModels): ReturnType<typeof rowsOn> {
  const write = rowsOn(dataset);
  return (id, label, query, gallery, extras) =>
    write(id, label, query, gallery, { reported: reportedArchitecture(id), ...extras });
}

/**
 * Writes the rows of an update from an old model with another architecture to the usual new one.
 */
function oldRows({ recipes, dataset, next, simclr }: SharedModels) {
  const row = rowsOn(dataset);
  return (name: string, architecture: Architecture): readonly Row[] => {
    const old = backbone({ ...recipes.backbone, classes: recipes.half, architecture });
    const oldOnAll = backbone({ ...recipes.backbone, architecture });
    const h = upgrade(old, { target: next, side: simclr, recipe: recipes.pairTransformation });
    const shared = { group: `${name} -> ResNet-18`, gap: { from: `${name}-before-old-old`, to: "new-new" } };
    return [
      row(`${name}-before-old-old`, "old / old", old, old, shared),
      row(`${name}-before-fct`, "new / h(old), FCT, SimCLR", next, h, shared),
      row(`${name}-before-all`, "old network on all classes", oldOnAll, oldOnAll, shared),
    ];
  };
}

/** Options of a change: rows of BCT, or another old model. */
interface ChangeOptions {
  readonly bct?: boolean;
  readonly from?: Backbone;
  readonly fromName?: string;
}

/** Writes the rows of an update to a new model with another architecture. */
function changeRows(
  models: SharedModels,
): (name: string, architecture: Architecture, options?: ChangeOptions) => readonly Row[] {
  const { recipes, old, simclr } = models;
  const row = reportedRows(models);
  return (name, architecture, { bct = false, from = old, fromName = "ResNet-18" } = {}) => {
    const start = from === old ? "old-old" : `${name}-old-old`;
    const target = backbone({ ...recipes.backbone, architecture });
    const h = upgrade(from, { target, side: simclr, recipe: recipes.pairTransformation });
    const shared = { group: `${fromName} -> ${name}`, gap: { from: start, to: `${name}-new-new` } };
    const known = { kind: "known", values: { dimensions: architecture.embedding } } as const;
    const extras = { ...shared, measurements: [known] };
    const compatibles = bct ? [compatible(target.recipe, { old: from })] : [];
    return [
      ...(from === old ? [] : [row(start, "old / old", from, from, { ...shared, measurements: [] })]),
      ...compatibles.flatMap((model) => [
        row(`${name}-bct`, "BCT new / old", model, from, extras),
        row(`${name}-bct-new-new`, "BCT new / new", model, model, extras),
      ]),
      row(`${name}-fct`, "new / h(old), FCT, SimCLR", target, h, extras),
      row(`${name}-new-new`, "new / new", target, target, extras),
    ];
  };
}
