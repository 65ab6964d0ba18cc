import { type Command, Option } from "commander";
import { adapterDirections } from "../../adapters/kind";
import { ownPlace, progressLine } from "../../core/progress";
import { untilInterrupted } from "../../experiments/run-options";
import { command, fullPath } from "../options/command";
import { oneOfSeveral } from "../options/numbers";
import { inputPath } from "../options/piped";
import { type MapChoices, mapFile } from "./map-file";
import { mapShards, mapsEachFile } from "./map-shards";

const examples = `
Files are NPY, NPZ, safetensors, CSV, TSV or Parquet; - is standard input. Where a file holds several arrays or columns,
write file.safetensors#name, or file.csv#first:last for a vector of many columns. Numbers are read as 32-bit floats.
The output holds 32-bit floats, as NPY or as safetensors (array "embeddings"), by its ending.

Several files are named by their folder, or by a pattern in quotes, "old/part-*.npy". They become one output, or if
--out is a folder, files of the same names in it, each with a hidden record of its inputs: those that the same inputs made
already are kept, others refused, and --shard 3/20 maps a share.

A run that is stopped leaves <out>.partial and <out>.partial.json; the same command continues it. Rows written
earlier are read again first: if a byte has changed, the file is begun anew. One process at a time writes an output.

Weights of "fct learn" know the spaces they were learned from: 50 vectors or more of another model are refused.

Examples:
  npm run fct -- map --weights results/cache/transform-0123.safetensors --old old.npy --side side.npy --out new.npy
  npm run fct -- map --weights h.safetensors --old gallery.safetensors#old --out upgraded.safetensors
  npm run fct -- map --weights h.safetensors --old 'old/part-*.npy' --side 'side/part-*.npy' --out mapped --shard 3/20
  npm run fct -- map --weights back.safetensors --direction query --old queries.npy --out queries-old.npy`;

/** `fct map`: maps any number of stored embeddings by a trained h. */
export function mapCommand(): Command {
  return command("map")
    .description(
      "map stored embeddings by a trained transformation h, in constant memory; a stopped run can be continued",
    )
    .requiredOption(
      "--weights <file>",
      'weights of h: of "fct learn", results/cache/transform-*.safetensors, or exported from one',
      fullPath,
    )
    .requiredOption("--old <file>", "old embeddings, one row per item", inputPath)
    .option(
      "--side <file>",
      "side-information of the same items in the same order (default: the old embeddings)",
      inputPath,
    )
    .requiredOption("--out <file>", "file to write, .npy or .safetensors, or a folder: see below", fullPath)
    .option("--shard <i/n>", "map the i-th of n shares of several files", oneOfSeveral)
    .addOption(
      new Option("--direction <name>", "map stored vectors forward, or new queries (as --old) back")
        .choices(adapterDirections)
        .default("gallery"),
    )
    .option("--any-space", "map vectors that do not look like those h was learned from")
    .option("--force", "replace the output if it exists")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(map);
}

type MapWords = MapChoices & { readonly json?: boolean; readonly shard?: ReturnType<typeof oneOfSeveral> };

async function map({ json, ...choices }: MapWords, self: Command): Promise<void> {
  const line = progressLine(ownPlace());
  line.show(`opening ${choices.weights} and ${choices.old} ...`);
  if (mapsEachFile(choices)) {
    const { files, kept, rows } = await untilInterrupted((signal) => mapShards(choices, { line, signal }));
    const all = `${choices.out}: ${files} files, ${rows} rows${kept > 0 ? `, ${kept} files kept that were there` : ""}`;
    console.log(json ? JSON.stringify({ out: choices.out, files, kept, rows }) : all);
    return;
  }
  if (choices.shard !== undefined) self.error("error: --shard is for several files, mapped into a folder");
  const { rows, columns, continuedFrom } = await untilInterrupted((signal) => mapFile(choices, { line, signal }));
  if (continuedFrom > 0) line.keep(`continued from row ${continuedFrom}`);
  const { out } = choices;
  console.log(json ? JSON.stringify({ out, rows, columns, continuedFrom }) : `${out}: ${rows} x ${columns}`);
}
