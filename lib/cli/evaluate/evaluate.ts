import { type Command, Option } from "commander";
import { ownPlace, progressLine } from "../../core/progress";
import { similarities } from "../../retrieval/exhaustive";
import type { Distance } from "../../retrieval/input";
import { command, fullPath } from "../options/command";
import { mebibytes, numbersFrom1, oneOfSeveral } from "../options/numbers";
import { inputPath } from "../options/piped";
import { evaluateFiles } from "./evaluate-files";
import { evaluateShard, type ShardJob } from "./evaluate-shard";
import type { EvaluateChoices } from "./evaluation";
import { evaluationReport, reportText } from "./report";
import { requireLists, writeLists } from "./write-lists";

const examples = `
Files are NPY, NPZ, safetensors, CSV, TSV or Parquet, by their endings. Where a file holds several arrays or columns,
write file.npz#name, or file.csv#first:last for a vector of many columns; - is standard input. Embeddings are numbers,
one row per item (read as 32-bit floats); labels are whole numbers, truth values or texts. Several labels an item are
rows of 0 and 1, lists (Parquet), or divided by ";" (CSV): an item is then right if it shares one. Every metric is
exact, from 64-bit distances. A query without another item of its class in the gallery is skipped. The table and --json
are in percent, --per-query is in fractions.

--k 1,10,100 adds MRR, and recall@k, precision@k and nDCG@k. Groups, such as cameras, leave out the gallery items of
the query's class and group. --out writes the nearest items of every query, as many as the largest k: query, rank, item
(rows from 0), distance, relevant. With these, and with dot products, both sides are held in memory.

Ties: for top-1, top-5, R-precision and MAP@R, equal distances stand in gallery order, so the order of the gallery's
rows matters if many distances are equal, as after a collapse. For mAP they are one threshold, as in scikit-learn.

A gallery, and its labels, may be in several files: a folder of NPY, safetensors or Parquet files, or a pattern in quotes,
'gallery/part-*.npy'; part-2 comes before part-10. Files are read in blocks. With --shard each shard is a job of its own.

--memory is a threshold: a search that would hold more than that many MiB of embeddings reads its files in blocks
that fit in it, with the same result. It does not limit the memory of the rest of the process.

Examples:
  npm run fct -- evaluate --query new.npy --gallery old.npy --labels labels.npy --exclude-self
  npm run fct -- evaluate --query q.npy --query-labels ql.npy --gallery g.npy --labels gl.npy --distance cosine
  npm run --silent fct -- evaluate --query e.safetensors#new --gallery e.safetensors#old --labels e.safetensors --json
  npm run fct -- evaluate --query q.parquet#vector --query-labels q.parquet#person --query-groups q.parquet#camera \\
    --gallery g.parquet#vector --labels g.parquet#person --gallery-groups g.parquet#camera --k 1,10 --out ranks.csv`;

const memoryOption = new Option("--memory <MiB>", "MiB of embeddings beyond which files are read in blocks")
  .argParser(mebibytes)
  .default(2 ** 30, "1024");

/** `fct evaluate`: the retrieval metrics of embeddings in files. */
export function evaluateCommand(): Command {
  return command("evaluate")
    .description("top-1, top-5, mAP, R-precision and MAP@R of embeddings in files, with 95 % bootstrap intervals")
    .requiredOption("--query <file>", "embeddings that search", inputPath)
    .requiredOption("--gallery <file>", "embeddings that are searched", inputPath)
    .requiredOption("--labels <file>", "classes of the gallery's rows", inputPath)
    .option("--query-labels <file>", "classes of the queries (default: those of --labels)", inputPath)
    .option("--exclude-self", "row i is the same item on both sides: query i does not find it")
    .addOption(new Option("--distance <name>", "how distance is measured").choices(similarities).default("l2"))
    .option("--k <numbers>", "numbers of nearest items, such as 1,10,100, to report measures of", numbersFrom1)
    .option("--gallery-groups <file>", "groups of the gallery's rows, such as cameras", inputPath)
    .option("--query-groups <file>", "groups of the queries", inputPath)
    .option("--per-class", "report every class besides")
    .option("--per-query <file>", "write the measures of every query, .csv", fullPath)
    .option("--out <file>", "write the nearest items of every query, .csv", fullPath)
    .option("--force", "replace those files if they exist")
    .addOption(memoryOption)
    .option("--shard <i/n>", "work on one of n shards of the gallery; see fct merge --help", oneOfSeveral)
    .option("--measure <folder>", "the first reading of a shard: write the distances of its relevant items", fullPath)
    .option("--count <folder>", "the second, after all are measured: write the numbers of items before them", fullPath)
    .option("--json", "print one JSON object instead of a table")
    .addHelpText("after", examples)
    .action(evaluate);
}

type Words = EvaluateChoices & {
  readonly json?: boolean;
  readonly perClass?: boolean;
  readonly shard?: ShardJob["shard"];
  readonly measure?: string;
  readonly count?: string;
};

async function evaluate({ json, shard, measure, count, ...choices }: Words, self: Command): Promise<void> {
  const folder = measure ?? count;
  const both = measure !== undefined && count !== undefined;
  if ((shard === undefined) !== (folder === undefined) || both) {
    self.error("error: --shard needs --measure or --count, one of them, and they need --shard");
  }
  if (shard !== undefined && folder !== undefined) {
    if (choices.distance === "dot") self.error("error: --shard is for l2 and cosine distances");
    if (json || choices.perClass) self.error("error: --json and --per-class are for fct merge, not for a --shard");
    const job = { ...choices, distance: choices.distance as Distance, shard, folder };
    const line = progressLine(ownPlace());
    console.log(await evaluateShard({ ...job, reading: measure === undefined ? "count" : "measure" }, line));
    return;
  }
  requireLists(choices);
  const line = progressLine(ownPlace());
  line.show(`opening ${choices.query} and ${choices.gallery} ...`);
  const evaluation = await evaluateFiles(choices, line);
  if (evaluation.findsItself) line.keep(selfNote);
  writeLists(evaluation, choices);
  const report = evaluationReport(evaluation, choices);
  console.log(json ? JSON.stringify(report, null, 2) : reportText(report));
}

const selfNote =
  "note: query and gallery hold the same rows, so every query finds itself: pass --exclude-self to leave it out";
