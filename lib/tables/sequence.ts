import { backbone, chain, compatible, sideInformation, upgrade } from "../experiments/model/construct";
import type { Model } from "../experiments/model/model";
import type { Measurement } from "../experiments/steps/measurement";
import type { Row, Table } from "../experiments/table";
import { modelsAt, rowsOn, usualScales } from "./shared/shared-models";

/** The three models, named by the share of the classes that they know. */
const names = ["25 %", "50 %", "100 %"] as const;

/**
 * A sequence of updates, 25 % -> 50 % -> 100 % of the classes: M[i][j] = query model i, gallery
 * stored by model j.
 */
export const sequenceTable: Table = {
  id: "sequence",
  title: "A sequence of updates: 25 % -> 50 % -> 100 % of the classes",
  notebook: "06-sequence",
  scales: usualScales,
  gap: null,
  measures: [{ id: "averageCompatibility", title: "updates that gain in top-1 (%)", decimals: 0 }],
  notes: [
    "Side-information is SimCLR trained on the classes of the model that stored the item; the chain h2(h1(.)) has that of the first model throughout. Its h2 was trained on true embeddings of the second model and is fed what h1 makes of the first one's.",
    "Average compatibility: the share of pairs i > j with M[i][j] > M[j][j], in the last row of each method.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next, bct, simclr: secondSide } = modelsAt(scale, seed);
    const first = backbone({ ...recipes.backbone, classes: recipes.quarter });
    const firstSide = sideInformation({ ...recipes.simclr, classes: recipes.quarter });
    const models = [first, old, next];
    const h = (from: typeof first, target: typeof first, side: typeof firstSide) =>
      upgrade(from, { target, side, recipe: recipes.transformation });
    const direct = [h(first, old, firstSide), h(first, next, firstSide), h(old, next, secondSide)] as const;
    const chained = chain(direct[0], h(old, next, firstSide));
    const second = compatible({ ...recipes.backbone, classes: recipes.half }, { old: first });
    const compatibles = [first, second, compatible(bct.recipe, { old: second })];
    const write = matrixWriter(rowsOn(dataset));
    return [
      ...write("independent", models, [[first], [first, old], models]),
      ...write("BCT", compatibles, [[first], [first, second], compatibles]),
      ...write("FCT, direct", models, [[first], [direct[0], old], [direct[1], direct[2], next]]),
      ...write("FCT, chained", models, [[first], [direct[0], old], [chained, direct[2], next]]),
    ];
  },
};

/**
 * Writes the rows of one method. Query model i searches the items stored by model j as the model
 * `galleries[i][j]` embeds them.
 */
function matrixWriter(
  write: ReturnType<typeof rowsOn>,
): (panel: string, queries: readonly Model[], galleries: readonly (readonly Model[])[]) => readonly Row[] {
  return (panel, queries, galleries) => {
    const matrix = queries.map((query, i) => (galleries[i] ?? []).map((gallery) => ({ query, gallery })));
    const compatibility: readonly Measurement[] = [{ kind: "average-compatibility", matrix }];
    const last = matrix.length - 1;
    return matrix.flatMap((pairs, i) =>
      pairs.map(({ query, gallery }, j) => {
        const cell = { panel, row: names[i] ?? "", column: names[j] ?? "" };
        const measurements = i === last && j === last ? { measurements: compatibility } : {};
        const label = `${cell.row} searching ${cell.column}`;
        return write(`${panel}-${i}-${j}`, label, query, gallery, { group: panel, cell, ...measurements });
      }),
    );
  };
}
