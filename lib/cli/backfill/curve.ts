import type { Command } from "commander";
import { ownPlace, progressLine } from "../../core/progress";
import { command, fullPath } from "../options/command";
import { wholeNumberIn } from "../options/numbers";
import { inputPath } from "../options/piped";
import { type CurveChoices, type CurveReport, curveFile } from "./curve-file";

const examples = `
The gallery is mapped by h; more and more of its items are then replaced by the new model's own vectors, which search
it, each item all others. Orders: predicted (FastFill's, if h predicts its error), random, and largest error first,
which is known only in hindsight. Labels say which answers are right; a sample of the gallery is enough. The table is in
percent, --json in fractions.

Example:
  npm run fct -- curve --weights h.safetensors --old old.npy --new new.npy --labels y.npy --json`;

/** `fct curve`: quality against the share of the gallery that is embedded again. */
export function curveCommand(): Command {
  return command("curve")
    .description("retrieval while more and more of a mapped gallery is embedded again")
    .requiredOption("--weights <file>", 'weights of h: of "fct learn"', fullPath)
    .requiredOption("--old <file>", "vectors of the old model, one row per item", inputPath)
    .option("--side <file>", "side-information of the same items", inputPath)
    .requiredOption("--new <file>", "vectors of the same items by the new model", inputPath)
    .requiredOption("--labels <file>", "classes of the items", inputPath)
    .option(
      "--points <number>",
      "galleries to measure, from none replaced to all (default: 22)",
      wholeNumberIn(2, 1000),
    )
    .option("--seed <number>", "seed of the random order (default: 0)", wholeNumberIn(0))
    .option("--any-space", "take vectors that do not look like those h was learned from")
    .option("--json", "print one JSON object instead of a table")
    .addHelpText("after", examples)
    .action(curve);
}

async function curve({ json, ...choices }: CurveChoices & { readonly json?: boolean }): Promise<void> {
  const report = await curveFile(choices, progressLine(ownPlace()));
  console.log(json ? JSON.stringify(report, null, 2) : curveText(report));
}

/** Top-1 and mAP in percent at every share, by order; the last line holds the means. */
function curveText({ items, curves }: CurveReport): string {
  const names = Object.keys(curves);
  const cells = (values: readonly string[]): string => values.map((value) => value.padStart(18)).join("");
  const both = (top1: number, mAP: number): string => `${(100 * top1).toFixed(2)} / ${(100 * mAP).toFixed(2)}`;
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const shares = curves[names[0] ?? ""]?.shares ?? [];
  const lines = shares.map((share, i) =>
    cells([
      `${(100 * share).toFixed(1)} %`,
      ...names.map((name) => both(curves[name]?.top1[i] ?? 0, curves[name]?.mAP[i] ?? 0)),
    ]),
  );
  const means = names.map((name) => both(mean(curves[name]?.top1 ?? []), mean(curves[name]?.mAP ?? [])));
  return [
    `${items} items; top-1 / mAP in percent`,
    cells(["embedded again", ...names]),
    ...lines,
    cells(["mean", ...means]),
  ].join("\n");
}
