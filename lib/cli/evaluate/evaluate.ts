import { Command, InvalidArgumentError, Option } from "commander";
import { progressLine } from "../../core/progress";
import { distances } from "../../retrieval/input";
import { type EvaluateChoices, evaluateFiles } from "./evaluate-files";
import { evaluationReport, reportText } from "./report";

const examples = `
Files are NPY or safetensors; for the array "name" of several write file.safetensors#name. Embeddings are floats, a row
an item (16 and 64 bits are taken as 32); labels are whole numbers. Every metric is exact, from 64-bit distances;
embeddings beyond --memory are read in blocks, to the same result. A query without an item of its class is skipped.

Examples:
  npm run fct -- evaluate --query new.npy --gallery old.npy --labels labels.npy --exclude-self
  npm run fct -- evaluate --query q.npy --query-labels ql.npy --gallery g.npy --labels gl.npy --distance cosine
  npm run --silent fct -- evaluate --query e.safetensors#new --gallery e.safetensors#old --labels e.safetensors --json`;

/** `fct evaluate`: the retrieval metrics of embeddings in files. */
export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("top-1, top-5, mAP, R-precision and MAP@R of embeddings in files, with 95 % bootstrap intervals")
    .requiredOption("--query <file>", "embeddings that search")
    .requiredOption("--gallery <file>", "embeddings that are searched")
    .requiredOption("--labels <file>", "classes of the gallery's rows")
    .option("--query-labels <file>", "classes of the queries (default: those of --labels)")
    .option("--exclude-self", "row i is the same item on both sides: query i does not find it")
    .addOption(new Option("--distance <name>", "how distance is measured").choices(distances).default("l2"))
    .addOption(new Option("--memory <MiB>", "memory for embeddings").argParser(mebibytes).default(2 ** 30, "1024"))
    .option("--json", "print one JSON object instead of a table")
    .addHelpText("after", examples)
    .allowExcessArguments(false)
    .showHelpAfterError()
    .action(evaluate);
}

async function evaluate({ json, ...choices }: EvaluateChoices & { readonly json?: boolean }): Promise<void> {
  const line = progressLine(process.stderr.isTTY ? "terminal" : "log");
  const report = evaluationReport(await evaluateFiles(choices, line), choices);
  console.log(json ? JSON.stringify(report, null, 2) : reportText(report));
}

/** Bytes; throws InvalidArgumentError, which commander prints, unless `text` is a whole number of MiB. */
function mebibytes(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text) * 2 ** 20;
  throw new InvalidArgumentError("A whole number of MiB, at least 1, is allowed.");
}
