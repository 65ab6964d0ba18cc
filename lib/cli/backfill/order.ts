import type { Command } from "commander";
import { ownPlace, progressLine } from "../../core/progress";
import { command, fullPath } from "../options/command";
import { inputPath } from "../options/piped";
import { type OrderChoices, orderFile } from "./order-file";

const examples = `
FastFill's order: the items whose mapping is least certain come first. It needs an h that predicts its own error, as
"fct learn --kind fastfill" learns it. Written is CSV: rank (from 1), item (row from 0), predicted error.

Example:
  npm run fct -- order --weights h.safetensors --old old.npy --side side.npy --out order.csv`;

/** `fct order`: which stored items to embed again first. */
export function orderCommand(): Command {
  return command("order")
    .description("write FastFill's order of what to embed again first, with the predicted errors")
    .requiredOption("--weights <file>", 'weights of h: of "fct learn --kind fastfill"', fullPath)
    .requiredOption("--old <file>", "vectors of the old model, one row per item", inputPath)
    .option("--side <file>", "side-information of the same items", inputPath)
    .requiredOption("--out <file>", "file to write, .csv", fullPath)
    .option("--any-space", "take vectors that do not look like those h was learned from")
    .option("--force", "replace the output if it exists")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(order);
}

async function order({ json, ...choices }: OrderChoices & { readonly json?: boolean }): Promise<void> {
  const { items, predictedError } = await orderFile(choices, progressLine(ownPlace()));
  const at = (place: number): number => predictedError[items[place] as number] as number;
  const summary = { out: choices.out, items: items.length, largest: at(0), smallest: at(items.length - 1) };
  const text = `${choices.out}: ${items.length} items, predicted errors ${at(0).toPrecision(4)} to ${summary.smallest.toPrecision(4)}`;
  console.log(json ? JSON.stringify(summary) : text);
}
