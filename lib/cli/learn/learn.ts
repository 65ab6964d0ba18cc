import { type Command, Option } from "commander";
import { type AdapterCard, cardPath } from "../../adapters/card";
import { adapterDirections, adapterKinds } from "../../adapters/kind";
import { ownPlace, progressLine } from "../../core/progress";
import { untilInterrupted } from "../../experiments/run-options";
import { command, fullPath } from "../options/command";
import { mebibytes, positiveNumber, wholeNumberIn } from "../options/numbers";
import { inputPath } from "../options/piped";
import { type LearnChoices, learnFile } from "./learn-file";

const examples = `
Files are NPY, NPZ, safetensors, CSV, TSV or Parquet, see "fct evaluate --help"; row i of each is the same item. Kinds:
  fct         FCT's h: two branches and a mixer, mean squared error
  fastfill    the same, and an uncertainty of each item, by which "fct order" says what to embed again first
  residual    the best linear map plus a small network
  low-rank    an affine map of rank --rank
  linear      an affine map (ridge regression; the held-out pairs decide its strength)
  procrustes  rotation, scale and shift
The first three are trained, by the published recipe of h unless options say otherwise; the others have a closed form
and read the files once. A tenth of the pairs is held out: it decides the epoch, and the measures are of it.

--direction query learns the way back: new queries are mapped into the old space, and nothing that is stored changes.

Written are the weights (safetensors) and a card beside them (h.card.json beside h.safetensors) with sizes, measures,
the SHA-256 of the data, and the fingerprints of both spaces, by which "fct map" refuses vectors of another model. In
the card, and so in --json, recall@10 and top-1 are fractions. A run that is stopped leaves <out>.partial; the same
command continues it.

Examples:
  npm run fct -- learn --old old.npy --new new.npy --out h.safetensors
  npm run fct -- learn --kind fastfill --old old.npy --side side.npy --new new.npy --labels y.npy --out h.safetensors
  npm run --silent fct -- learn --kind procrustes --old old.npy --new new.npy --out h.safetensors --json`;

/** `fct learn`: learns an adapter from files of pairs. */
export function learnCommand(): Command {
  return command("learn")
    .description("learn a transformation h from vectors of the same items by an old and a new model")
    .requiredOption("--old <file>", "vectors of the old model, one row per item", inputPath)
    .option("--side <file>", "side-information of the same items, stored with the old vectors", inputPath)
    .requiredOption("--new <file>", "vectors of the new model", inputPath)
    .option("--labels <file>", "classes of the items, to report the share of the gap that is closed", inputPath)
    .requiredOption("--out <file>", "weights to write, .safetensors", fullPath)
    .addOption(new Option("--kind <name>", "what is learned").choices(adapterKinds).default("fct"))
    .addOption(new Option("--direction <name>", "what will be mapped").choices(adapterDirections).default("gallery"))
    .option(
      "--inner <width>",
      "width of h's mixer (default: 2048) or of the residual network (256)",
      wholeNumberIn(1, 65_536),
    )
    .option("--rank <number>", "rank of a low-rank map (default: 64)", wholeNumberIn(1))
    .option("--epochs <count>", "passes over the pairs (default: 80)", wholeNumberIn(1, 100_000))
    .option("--batch <size>", "pairs in a step (default: 1024)", wholeNumberIn(2))
    .option("--learning-rate <number>", "largest learning rate (default: 0.0005)", positiveNumber)
    .option("--seed <number>", "seed of the held-out pairs, start and order (default: 0)", wholeNumberIn(0))
    .addOption(
      new Option("--memory <MiB>", "MiB of vectors beyond which rows are read from the files as they are drawn")
        .argParser(mebibytes)
        .default(2 ** 31, "2048"),
    )
    .option("--force", "replace the output if it exists")
    .option("--json", "print the card as JSON")
    .addHelpText("after", examples)
    .action(learn);
}

type Words = LearnChoices & { readonly json?: boolean; readonly batch?: number };

async function learn({ json, batch, ...choices }: Words): Promise<void> {
  const line = progressLine(ownPlace());
  line.show(`opening ${choices.old} and ${choices.new} ...`);
  const options = { ...choices, ...(batch === undefined ? {} : { batchSize: batch }) };
  const card = await untilInterrupted((signal) => learnFile(options, { line, signal }));
  console.log(json ? JSON.stringify(card, null, 2) : cardText(card, choices.out));
}

/** A card in a few lines. */
function cardText(card: AdapterCard, path: string): string {
  const { kind, direction, sizes, training, heldOut } = card;
  const side = sizes.side === null ? "" : ` + ${sizes.side}`;
  const epoch = training.epochs === null ? "" : `, epoch ${training.bestEpoch} of ${training.epochs}`;
  const { top1 } = heldOut;
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const labelled =
    top1 === null
      ? []
      : [
          `top-1       ${percent(top1.before)} before, ${percent(top1.mapped)} mapped, ${percent(top1.after)} embedded again` +
            (top1.gapClosed === null ? "" : `: ${percent(top1.gapClosed)} of the gap closed`),
        ];
  return [
    `${path}: ${kind}, ${direction}, ${sizes.from}${side} -> ${sizes.to} dimensions, ${sizes.parameters} parameters`,
    `learned     from ${training.pairs} pairs${epoch}; measured on ${heldOut.pairs} held-out pairs`,
    `loss        ${heldOut.loss.toPrecision(4)} (mean squared error)`,
    `cosine      ${heldOut.cosine.toFixed(4)}`,
    `recall@10   ${percent(heldOut.recallAt10)} of the nearest items in the space that is mapped to`,
    ...labelled,
    `card        ${cardPath(path)}`,
  ].join("\n");
}
