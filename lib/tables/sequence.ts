import { backbone, chain, compatible, type Model, sideInformation, upgrade } from "../experiments/model";
import type { Row, Table } from "../experiments/table";
import { modelsAt, rowsOn, usualScales } from "./shared-models";

/** Names of the three models by the share of the classes they know. */
const names = ["25 %", "50 %", "100 %"] as const;

/** A sequence of updates, 25 % -> 50 % -> 100 % of the classes: M[i][j] = query model i, gallery stored by model j. */
export const sequenceTable: Table = {
  id: "sequence",
  title: "A sequence of updates: 25 % -> 50 % -> 100 % of the classes",
  notebook: "06-sequence",
  scales: usualScales,
  gap: null,
  notes: [
    "Side-information is SimCLR trained on the classes of the model that stored the item; the chain h2(h1(.)) has that of the first model throughout.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next, bct, simclr: secondSide } = modelsAt(scale, seed);
    const write = rowsOn(dataset);
    const first = backbone({ ...recipes.backbone, classes: recipes.quarter });
    const firstSide = sideInformation({ ...recipes.simclr, classes: recipes.quarter });
    const models = [first, old, next] as const;
    const recipe = recipes.transformation;
    const h01 = upgrade(first, { target: old, side: firstSide, recipe });
    const h02 = upgrade(first, { target: next, side: firstSide, recipe });
    const h12 = upgrade(old, { target: next, side: secondSide, recipe });
    const again = upgrade(old, { target: next, side: firstSide, recipe });
    const second = compatible({ ...recipes.backbone, classes: recipes.half }, { old: first });
    const held = [first, second, compatible(bct.recipe, { old: second })] as const;
    const cell = (
      panel: string,
      queries: readonly Model[],
      i: number,
      j: number,
      gallery: Model | undefined,
    ): Row[] => {
      const query = queries[i];
      if (query === undefined || gallery === undefined) return [];
      const [row, column] = [names[i] ?? "", names[j] ?? ""];
      const label = i === j ? `${row} / ${row}` : `${row} / ${column}, ${panel}`;
      return [write(`${panel}-${i}-${j}`, label, query, gallery, { cell: { panel, row, column }, group: panel })];
    };
    const matrix = (panel: string, queries: readonly Model[], below: readonly (readonly Model[])[]): readonly Row[] =>
      queries.flatMap((own, i) => [
        ...(below[i] ?? []).flatMap((gallery, j) => cell(panel, queries, i, j, gallery)),
        ...cell(panel, queries, i, i, own),
      ]);
    return [
      ...matrix("independent", models, [[], [first], [first, old]]),
      ...matrix("BCT", held, [[], [first], [first, second]]),
      ...matrix("FCT, direct", models, [[], [h01], [h02, h12]]),
      ...matrix("FCT, chained", models, [[], [h01], [chain(h01, again), h12]]),
    ];
  },
};
