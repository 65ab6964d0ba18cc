import { Command } from "commander";
import { progressLine } from "../../core/progress";
import { untilInterrupted } from "../../experiments/run-options";
import { type MapChoices, mapFile } from "./map-file";

const examples = `
Files are NPY or safetensors; for the array "name" of several write file.safetensors#name. Values of 16 and 64 bits
are taken as 32-bit floats. What is written is 32-bit floats, NPY or safetensors (array "embeddings") by its ending.

A run that was stopped leaves <out>.partial and <out>.partial.json; the same command continues it.

Examples:
  npm run fct -- map --weights results/cache/transform-0123.safetensors --old old.npy --side side.npy --out new.npy
  npm run fct -- map --weights h.safetensors --old gallery.safetensors#old --out upgraded.safetensors`;

/** `fct map`: stored embeddings through a trained h, however many they are. */
export function mapCommand(): Command {
  return new Command("map")
    .description("map stored embeddings by a trained transformation h, in constant memory; a stopped run continues")
    .requiredOption("--weights <file>", "weights of h: results/cache/transform-*.safetensors, or exported from one")
    .requiredOption("--old <file>", "old embeddings, a row an item")
    .option("--side <file>", "side-information of the same items in the same order (default: the old embeddings)")
    .requiredOption("--out <file>", "where to write, .npy or .safetensors")
    .addHelpText("after", examples)
    .allowExcessArguments(false)
    .showHelpAfterError()
    .action(map);
}

async function map(choices: MapChoices): Promise<void> {
  const line = progressLine(process.stderr.isTTY ? "terminal" : "log");
  const { rows, columns, continuedFrom } = await untilInterrupted((signal) => mapFile(choices, { line, signal }));
  if (continuedFrom > 0) line.keep(`continued from row ${continuedFrom}`);
  console.log(`${choices.out}: ${rows} x ${columns}`);
}
