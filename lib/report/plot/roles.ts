import type { ResultRow } from "../../experiments/results/result";
import { isEnd } from "../text/rows";
import type { Line } from "./figure";

/** What a row or a model is, by which all figures choose its colour, its mark and its dashes. */
export type Role =
  | "old"
  | "new"
  | "independent"
  | "bct"
  | "l2"
  | "fct-none"
  | "fct-autoencoder"
  | "fct-labelled"
  | "fct"
  | "fastfill"
  | "muscle"
  | "masked"
  | "distilled"
  | "control"
  | "other";

/** The look of a role: colours of Okabe and Ito, and marks and dashes that do without colour. */
export interface RoleStyle {
  readonly colour: string;
  readonly symbol: string;
  readonly dash: NonNullable<Line["dash"]>;
}

/** The palest of Okabe and Ito's colours, yellow, is darkened: it would be lost on white. */
export const roleStyles: Readonly<Record<Role, RoleStyle>> = {
  old: { colour: "#000000", symbol: "circle-open", dash: "dash" },
  new: { colour: "#000000", symbol: "circle", dash: "dash" },
  independent: { colour: "#767676", symbol: "x", dash: "dot" },
  bct: { colour: "#D55E00", symbol: "square", dash: "longdash" },
  l2: { colour: "#CC79A7", symbol: "cross", dash: "longdashdot" },
  "fct-none": { colour: "#56B4E9", symbol: "triangle-down", dash: "dot" },
  "fct-autoencoder": { colour: "#009E73", symbol: "diamond", dash: "dashdot" },
  "fct-labelled": { colour: "#8A7A00", symbol: "hourglass", dash: "dashdot" },
  fct: { colour: "#0072B2", symbol: "triangle-up", dash: "solid" },
  fastfill: { colour: "#E69F00", symbol: "star", dash: "solid" },
  muscle: { colour: "#0072B2", symbol: "triangle-up", dash: "solid" },
  masked: { colour: "#56B4E9", symbol: "triangle-down", dash: "dot" },
  distilled: { colour: "#009E73", symbol: "diamond", dash: "dashdot" },
  control: { colour: "#D55E00", symbol: "square", dash: "longdash" },
  other: { colour: "#555555", symbol: "pentagon", dash: "solid" },
};

/** What a name is looked through for, in this order. */
const marks: readonly (readonly [RegExp, Role])[] = [
  [/\bBCT\b|backward.compatible/i, "bct"],
  [/\bL2\b/, "l2"],
  [/\bFastFill\b/i, "fastfill"],
  [/\bindependent\b/, "independent"],
  [/\b(no|without) side/, "fct-none"],
  [/\bautoencoder\b/, "fct-autoencoder"],
  [/\bSimCLR\b/, "fct"],
  [/\bcontrastive\b|\bsecond network\b/, "fct-labelled"],
  [/\bFCT\b|h\(old\)/, "fct"],
  [/^old ?\/ ?old\b/, "old"],
  [/^new ?\/ ?new\b/, "new"],
  [/\bMUSCLE\b/, "muscle"],
  [/^mask\b/, "masked"],
  [/\bdistillation\b/, "distilled"],
  [/\bcontrol\b/, "control"],
  [/^v1$/, "old"],
  [/^v2$/, "new"],
];

/** The role that a name tells. */
export function roleOfName(name: string): Role {
  return marks.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}

/** What tells the role of a row. */
export type RoleRow = Pick<ResultRow, "label" | "group"> & Partial<Pick<ResultRow, "gapClosed">>;

/** The role of a row: an end of the gap by its share of it, any other by its name and group. */
export function roleOf({ gapClosed, ...row }: RoleRow): Role {
  if (gapClosed !== undefined && isEnd({ gapClosed })) return gapClosed.top1 === 0 ? "old" : "new";
  const named = roleOfName(row.label);
  return named === "other" ? roleOfName(row.group ?? "") : named;
}
