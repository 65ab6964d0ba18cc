import { dimensionsOf } from "../experiments/model/model";
import { multiplicationsOf } from "../experiments/steps/cost";
import type { Measurement } from "../experiments/steps/measurement";
import type { Table } from "../experiments/table";
import { modelsAt, rowsOn, usualScales } from "./shared/shared-models";

const bytesPerValue = 4;

/** What an update costs: bytes stored per item, and operations and time to update a gallery. */
export const costTable: Table = {
  id: "cost",
  title: "What an update costs",
  notebook: "10-cost",
  scales: usualScales,
  gap: { from: "old-old", to: "new-new" },
  measures: [
    { id: "bytes", title: "stored before the update (bytes per item)", decimals: 0 },
    { id: "multiplications", title: "multiply-adds per item (million)", decimals: 2 },
    { id: "itemsPerSecond", title: "items per second", decimals: 0 },
    { id: "hoursPerBillion", title: "hours for 10^9 items", decimals: 1 },
  ],
  notes: [
    "Items per second are measured on the machine of this run, images in memory; hours are 10^9 / items per second / 3600.",
    "A gallery that is left as it is needs no work at all: BCT's cost is in its accuracy.",
  ],
  rows: (scale, seed) => {
    const { dataset, old, next, bct, autoencoder, simclr, fct } = modelsAt(scale, seed);
    const row = rowsOn(dataset);
    const cost = (model: typeof next | ReturnType<typeof fct>, stored: number): readonly Measurement[] => [
      { kind: "known", values: { bytes: bytesPerValue * stored, multiplications: multiplicationsOf(model) / 1e6 } },
      { kind: "throughput", model },
    ];
    const storedOnly = (values: number): readonly Measurement[] => [
      { kind: "known", values: { bytes: bytesPerValue * values, multiplications: 0 } },
    ];
    const size = dimensionsOf(old);
    return [
      row("old-old", "old / old, before the update", old, old, { measurements: storedOnly(size) }),
      row("bct-new-old", "BCT: gallery as it is", bct, old, { measurements: storedOnly(size) }),
      row("fct-none", "FCT: mapped without side-information", next, fct(null), { measurements: cost(fct(null), size) }),
      ...[autoencoder, simclr].map((side) => {
        const model = fct(side);
        const kind = side === simclr ? "SimCLR" : "autoencoder";
        const measurements = cost(model, size + dimensionsOf(side));
        return row(`fct-${kind.toLowerCase()}`, `FCT: mapped with ${kind} side-information`, next, model, {
          measurements,
        });
      }),
      row("new-new", "re-embedded by the new model", next, next, { measurements: cost(next, size) }),
    ];
  },
};
