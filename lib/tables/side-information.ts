import { sideInformation } from "../experiments/model/construct";
import type { SideModel } from "../experiments/model/model";
import type { Table } from "../experiments/table";
import { reportedMain } from "./shared/reported";
import { modelsAt, rowsOn, secondNetwork, usualScales } from "./shared/shared-models";

/** The sizes of stored SimCLR embeddings; the other tables use 128. */
const sizes = [16, 128, 256] as const;

/** How many principal components are kept of the SimCLR embeddings of 128 values. */
const components = [4, 16, 64] as const;

/** The kind and the size of what is stored beside an old embedding. */
export const sideInformationTable: Table = {
  id: "side-information",
  title: "Side-information: its kind and its size",
  notebook: "02-side-information",
  scales: usualScales,
  gap: { from: "old-old", to: "new-new" },
  measures: [{ id: "size", title: "values stored per item", decimals: 0 }],
  notes: [
    "SimCLR on all classes sees the new model's training images, which do not exist yet when side-information is stored: an upper bound, not a method. Twice the images in half of the epochs are as many steps.",
    "A size of SimCLR has a model of its own; components are of the one model of 128 values, as found in the embeddings of the old model's training images, so that only what is stored differs.",
    "The second network is a classifier of the old classes with another seed and ArcFace's loss.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next, autoencoder, simclr: usual, fct } = modelsAt(scale, seed);
    const write = rowsOn(dataset);
    const end = (id: string, label: string, model: typeof old) =>
      write(id, label, model, model, { reported: reportedMain(id) });
    const row = (id: string, label: string, side: SideModel | null, stored = fct(side)) => {
      const size = stored.sideComponents ?? side?.recipe.architecture.embedding;
      return write(id, `new / h(old), ${label}`, next, stored, {
        reported: reportedMain(id),
        ...(size === undefined ? {} : { measurements: [{ kind: "known" as const, values: { size } }] }),
      });
    };
    const { simclr } = recipes;
    const { schedule } = simclr;
    const sized = (embedding: number) =>
      sideInformation({ ...simclr, architecture: { ...simclr.architecture, embedding } });
    return [
      end("old-old", "old / old", old),
      row("fct-none", "no side-information", null),
      row("fct-autoencoder", "autoencoder", autoencoder),
      row("fct-supervised", "supervised contrastive", sideInformation({ ...simclr, kind: "supervised-contrastive" })),
      row("fct-second", "second network", secondNetwork(recipes)),
      ...sizes.map((size) =>
        row(size === 128 ? "fct-simclr" : `fct-simclr-${size}`, `SimCLR of ${size} values`, sized(size)),
      ),
      ...components.map((count) =>
        row(`fct-simclr-first-${count}`, `SimCLR, first ${count} components of 128`, usual, {
          ...fct(usual),
          sideComponents: count,
        }),
      ),
      row(
        "fct-simclr-all",
        "SimCLR on all classes (upper bound)",
        sideInformation({ ...simclr, classes: "all", schedule: { ...schedule, epochs: schedule.epochs / 2 } }),
      ),
      end("new-new", "new / new", next),
    ];
  },
};
