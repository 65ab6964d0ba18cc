import { backbone, compatible, upgrade } from "../experiments/model/model";
import type { Table } from "../experiments/table";
import type { Architecture } from "../nn/network";
import { reportedArchitecture } from "./reported";
import { modelsAt, rowsOn, usualScales } from "./shared-models";

/** A change of architecture and of embedding size between the old and the new model. */
export const architecturesTable: Table = {
  id: "architectures",
  title: "Another architecture, another embedding size",
  notebook: "04-architecture-change",
  scales: usualScales,
  gap: null,
  measures: [{ id: "dimensions", title: "new dimensions", decimals: 0 }],
  notes: [
    "BCT has no row where the embedding sizes differ: it feeds the new embedding to the old classifier, which takes the old size.",
    "At the quick scale the new ResNets have half of their usual width, those with bottlenecks a quarter, and h learns from two views of each image instead of four; the old one is the ResNet-18 of the other tables.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, simclr } = modelsAt(scale, seed);
    const write = rowsOn(dataset);
    const row = (...[id, label, query, gallery, extras]: Parameters<typeof write>) =>
      write(id, label, query, gallery, { reported: reportedArchitecture(id), ...extras });
    const { architectures, backbone: base } = recipes;
    const change = (name: string, architecture: Architecture, { bct = false, from = old, fromName = "" } = {}) => {
      const group = `${fromName === "" ? "ResNet-18" : fromName} -> ${name}`;
      const start = from === old ? "old-old" : `${name}-old-old`;
      const target = backbone({ ...base, architecture });
      const h = upgrade(from, { target, side: simclr, recipe: recipes.pairTransformation });
      const held = bct ? compatible(target.recipe, { old: from }) : null;
      const extras = {
        group,
        gap: { from: start, to: `${name}-new-new` },
        measurements: [{ kind: "known" as const, values: { dimensions: architecture.embedding } }],
      };
      return [
        ...(from === old ? [] : [row(start, "old / old", from, from, { ...extras, measurements: [] })]),
        ...(held === null ? [] : [row(`${name}-bct`, "BCT new / old", held, from, extras)]),
        ...(held === null ? [] : [row(`${name}-bct-new-new`, "BCT new / new", held, held, extras)]),
        row(`${name}-fct`, "new / h(old), FCT, SimCLR", target, h, extras),
        row(`${name}-new-new`, "new / new", target, target, extras),
      ];
    };
    const { resnet18, resnet34, resnet50, resnet101, wide50, mobilenet, vit } = architectures;
    const oldMobile = backbone({ ...base, classes: recipes.half, architecture: { ...mobilenet, embedding: 64 } });
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
        { from: oldMobile, fromName: "MobileNetV2, 64-d" },
      ),
    ];
  },
};
