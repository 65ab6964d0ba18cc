import type { Claim } from "./claim";
import { better, equal } from "./contrasts";

const closed = ["low-rank", "linear", "procrustes"] as const;
const kinds = ["fct", "fastfill", "residual", ...closed] as const;
const ours = (ref: string) => ({ kind: "ours", ref }) as const;

const common = { scales: ["quick", "laptop"], table: "adapters", family: "adapters" } as const;

/** What is claimed of adapters. Declared before the table had run. */
export const adapterClaims: readonly Claim[] = [
  {
    ...common,
    id: "adapter-recall",
    text: "An adapter keeps 95 % of the new model's neighbours",
    source: {
      kind: "third party",
      ref: "arXiv 2509.23471 (Drift-Adapter): queries mapped back keep 95 to 99 % of the recall@10 of re-embedding",
    },
    contrasts: [
      {
        quantity: { kind: "multiple", measure: "neighbourRecall", a: "back-residual-100", b: "new-new" },
        expect: { kind: "above", value: 0.95 },
      },
    ],
    margin: 0,
  },
  {
    ...common,
    id: "adapter-side-information",
    text: "Side-information beats every adapter without it",
    source: { kind: "abstract", ref: "arXiv 2112.02805: side-information facilitates future updates" },
    contrasts: kinds.map((kind) => better("side-fct-100", `forward-${kind}-100`)),
    margin: 1,
  },
  {
    ...common,
    id: "adapter-forward",
    text: "A gallery mapped forward beats queries mapped back",
    source: ours("FCT maps galleries, Drift-Adapter queries; no source at hand compares them"),
    contrasts: kinds.map((kind) => better(`forward-${kind}-100`, `back-${kind}-100`)),
    margin: 1,
  },
  {
    ...common,
    id: "adapter-few-pairs",
    text: "A tenth of the pairs is all that closed forms need",
    source: ours("arXiv 2509.23471 learns from a small sample of pairs; no figure at hand of how small"),
    contrasts: closed.map((kind) => equal(`forward-${kind}-10`, `forward-${kind}-100`)),
    margin: 1,
  },
  {
    ...common,
    id: "adapter-fewest-pairs",
    text: "From 0.5 % of the pairs a rotation learns more than h",
    source: ours("it has the fewest free parameters; no source at hand compares them"),
    contrasts: [better("forward-procrustes-0.5", "forward-fct-0.5")],
    margin: 1,
  },
  {
    ...common,
    id: "adapter-all-pairs",
    text: "From all pairs h learns more than linear maps",
    source: ours("ml-fct's h has hidden layers; no source at hand compares these kinds"),
    contrasts: closed.map((kind) => better("forward-fct-100", `forward-${kind}-100`)),
    margin: 1,
  },
];
