import { type AdapterKind, adapterKinds, type Direction } from "../../adapters/kind";
import { adaptedTo } from "../../experiments/model/construct";
import type { SideModel } from "../../experiments/model/model";
import type { Row, Table } from "../../experiments/table";
import type { TransformationRecipe } from "../../training/transformation";
import { modelsAt, rowsOn, usualScales } from "../shared/shared-models";

/** The shares of the training images that adapters learn from, in percent. */
const shares = [0.5, 2, 10, 50, 100] as const;

const names: Readonly<Record<AdapterKind, string>> = {
  fct: "FCT's h",
  fastfill: "FastFill's h",
  residual: "residual network",
  "low-rank": "low-rank map",
  linear: "linear map",
  procrustes: "Procrustes",
};

/** Where adapters map, and with which help: the beginning of a row's id, its group, its way. */
interface Way {
  readonly id: string;
  readonly group: string;
  readonly direction: Direction;
  readonly side: SideModel | null;
  readonly kinds: readonly AdapterKind[];
}

/** Every kind of adapter, forward and back, learned from few pairs up to all of them. */
export const adaptersTable: Table = {
  id: "adapters",
  title: "Adapters between an old and a new model, by the share of pairs that they learn from",
  notebook: "13-adapters",
  scales: usualScales,
  gap: { from: "old-old", to: "new-new" },
  measures: [
    { id: "share", title: "share of the pairs (%)", decimals: 1 },
    { id: "neighbourRecall", title: "recall@10 of the new model's neighbours (%)", decimals: 1 },
    { id: "microseconds", title: "time to map a vector (microseconds)", decimals: 1 },
    { id: "bytes", title: "size of the adapter (bytes)", decimals: 0 },
  ],
  notes: [
    "Pairs are the embeddings of the training images, each in as many views as h learns from; a tenth of the images of each share is held out and decides the epoch, or the strength of a ridge regression. Adapters are learned as `fct learn` does, h with the epochs, the width and the learning rate of the main table.",
    "Forward: the new model's queries search the mapped old gallery. Back: new queries, mapped back, search the old gallery as it is. FastFill's h has no classification term here, since `fct learn` knows no classifier. A Procrustes map is a rotation with a scale and takes no side-information.",
    "Recall@10: of the 10 nearest items that a new query finds in the new gallery, the share that it finds with the adapter. Microseconds are measured on the machine of this run, in batches.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next, simclr } = modelsAt(scale, seed);
    const row = rowsOn(dataset);
    const own = { query: next, gallery: next };
    const end = (id: string, label: string, model: typeof old): Row =>
      row(id, label, model, model, { reported: [], measurements: [{ kind: "neighbours", own }] });
    const adapters = ({ id, group, direction, side, kinds }: Way): readonly Row[] =>
      kinds.flatMap((kind) =>
        shares.map((share) => {
          const options = { kind, direction, ...learningOf(recipes.transformation, kind) };
          const adapter = adaptedTo(old, { target: next, side, share: share / 100, ...options });
          const [query, gallery] = direction === "gallery" ? [next, adapter] : [adapter, old];
          return row(`${id}-${kind}-${share}`, `${names[kind]}, ${share} %`, query, gallery, {
            group,
            reported: [],
            measurements: [
              { kind: "known", values: { share } },
              { kind: "neighbours", own },
              { kind: "mapping-time", model: adapter },
              { kind: "adapter", model: adapter },
            ],
          });
        }),
      );
    return [end("old-old", "old / old", old), ...waysWith(simclr).flatMap(adapters), end("new-new", "new / new", next)];
  },
};

function waysWith(side: SideModel): readonly Way[] {
  const sided = adapterKinds.filter((kind) => kind !== "procrustes");
  return [
    { id: "forward", group: "stored vectors forward", direction: "gallery", side: null, kinds: adapterKinds },
    { id: "side", group: "forward, with SimCLR side-information", direction: "gallery", side, kinds: sided },
    { id: "back", group: "new queries back", direction: "query", side: null, kinds: adapterKinds },
  ];
}

/** The views and the schedule of the scale's h; a residual network keeps its own width. */
function learningOf(
  { inner, views, batchSize, schedule, seed }: TransformationRecipe,
  kind: AdapterKind,
): Omit<Parameters<typeof adaptedTo>[1], "target"> {
  const { epochs, learningRate } = schedule;
  return { views, batchSize, epochs, learningRate, seed, ...(kind === "residual" ? {} : { inner }) };
}
