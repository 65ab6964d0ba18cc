import { backbone, compatible, upgrade } from "../experiments/model/construct";
import type { Backbone } from "../experiments/model/model";
import type { Row, Table } from "../experiments/table";
import type { Architecture } from "../nn/networks/network";
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
    "At the quick scale the new ResNets have half of their usual width, those with bottlenecks a quarter, and h learns from two views of each image instead of four; the old one is the ResNet-18 of the other tables. Every new network then has two to six times fewer multiply-adds than the old one.",
  ],
  rows: (scale, seed) => {
    const models = modelsAt(scale, seed);
    const { recipes, old } = models;
    const row = reportedRows(models);
    const change = changeRows(models);
    const { resnet18, resnet34, resnet50, resnet101, wide50, mobilenet, vit } = recipes.architectures;
    const smallMobilenet = { ...mobilenet, embedding: 64 };
    const oldMobilenet = backbone({ ...recipes.backbone, classes: recipes.half, architecture: smallMobilenet });
    return [
      row("old-old", "old / old", old, old, { gap: { from: "old-old", to: "ResNet-18-new-new" } }),
      ...change("ResNet-18", resnet18),
      ...change("ResNet-34", resnet34),
      ...change("ResNet-50", resnet50, { bct: true }),
      ...change("ResNet-101", resnet101),
      ...change("wide ResNet-50-2", wide50),
      ...change("MobileNetV2", mobilenet),
      ...change("ViT", vit),
      ...[32, 512].flatMap((embedding) => change(`ResNet-18, ${embedding}-d`, { ...resnet18, embedding })),
      ...change(
        "ResNet-18, 256-d",
        { ...resnet18, embedding: 256 },
        { from: oldMobilenet, fromName: "MobileNetV2, 64-d" },
      ),
    ];
  },
};

/** A writer of rows with what publications report for their ids. */
function reportedRows({ dataset }: SharedModels): ReturnType<typeof rowsOn> {
  const write = rowsOn(dataset);
  return (id, label, query, gallery, extras) =>
    write(id, label, query, gallery, { reported: reportedArchitecture(id), ...extras });
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
