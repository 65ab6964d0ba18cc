import type { Command } from "commander";
import { ownPlace, progressLine } from "../../core/progress";
import { untilInterrupted } from "../../experiments/run-options";
import { command, fullPath } from "../options/command";
import { type MapChoices, mapFile } from "./map-file";

const examples = `
Files are NPY or safetensors. If a safetensors file holds several arrays, write file.safetensors#name. Values of 16
and 64 bits are read as 32-bit floats. The output holds 32-bit floats, as NPY or as safetensors (array "embeddings"),
by its ending.

A run that is stopped leaves <out>.partial and <out>.partial.json; the same command continues it. Rows written
earlier are read again first: if a byte has changed, the file is begun anew. One process at a time writes an output.

Examples:
  npm run fct -- map --weights results/cache/transform-0123.safetensors --old old.npy --side side.npy --out new.npy
  npm run fct -- map --weights h.safetensors --old gallery.safetensors#old --out upgraded.safetensors`;

/** `fct map`: maps any number of stored embeddings by a trained h. */
export function mapCommand(): Command {
  return command("map")
    .description(
      "map stored embeddings by a trained transformation h, in constant memory; a stopped run can be continued",
    )
    .requiredOption(
      "--weights <file>",
      "weights of h: results/cache/transform-*.safetensors, or exported from one",
      fullPath,
    )
    .requiredOption("--old <file>", "old embeddings, one row per item", fullPath)
    .option(
      "--side <file>",
      "side-information of the same items in the same order (default: the old embeddings)",
      fullPath,
    )
    .requiredOption("--out <file>", "file to write, .npy or .safetensors", fullPath)
    .option("--force", "replace the output if it exists")
    .addHelpText("after", examples)
    .action(map);
}

async function map(choices: MapChoices): Promise<void> {
  const line = progressLine(ownPlace());
  line.show(`opening ${choices.weights} and ${choices.old} ...`);
  const { rows, columns, continuedFrom } = await untilInterrupted((signal) => mapFile(choices, { line, signal }));
  if (continuedFrom > 0) line.keep(`continued from row ${continuedFrom}`);
  console.log(`${choices.out}: ${rows} x ${columns}`);
}
