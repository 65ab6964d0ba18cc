import { type Command, InvalidArgumentError, Option } from "commander";
import { ownPlace, progressLine } from "../../core/progress";
import { distances } from "../../retrieval/input";
import { command, fullPath } from "../options/command";
import { type EvaluateChoices, evaluateFiles } from "./evaluate-files";
import { evaluationReport, reportText } from "./report";

const examples = `
Files are NPY or safetensors. If a safetensors file holds several arrays, write file.safetensors#name. Embeddings are
floats, one row per item (16 and 64 bits are read as 32); labels are whole numbers or truth values. Every metric is
exact, from 64-bit distances. A query without another item of its class in the gallery is skipped.

Ties: for top-1, top-5, R-precision and MAP@R, equal distances stand in gallery order, so the order of the gallery's
rows matters if many distances are equal, as after a collapse. For mAP they are one threshold, as in scikit-learn.

--memory is a threshold: a search that would hold more than that many MiB of embeddings reads its files in blocks
that fit in it, with the same result. It does not limit the memory of the rest of the process.

Examples:
  npm run fct -- evaluate --query new.npy --gallery old.npy --labels labels.npy --exclude-self
  npm run fct -- evaluate --query q.npy --query-labels ql.npy --gallery g.npy --labels gl.npy --distance cosine
  npm run --silent fct -- evaluate --query e.safetensors#new --gallery e.safetensors#old --labels e.safetensors --json`;

const memoryOption = new Option("--memory <MiB>", "MiB of embeddings beyond which files are read in blocks")
  .argParser(mebibytes)
  .default(2 ** 30, "1024");

/** `fct evaluate`: the retrieval metrics of embeddings in files. */
export function evaluateCommand(): Command {
  return command("evaluate")
    .description("top-1, top-5, mAP, R-precision and MAP@R of embeddings in files, with 95 % bootstrap intervals")
    .requiredOption("--query <file>", "embeddings that search", fullPath)
    .requiredOption("--gallery <file>", "embeddings that are searched", fullPath)
    .requiredOption("--labels <file>", "classes of the gallery's rows", fullPath)
    .option("--query-labels <file>", "classes of the queries (default: those of --labels)", fullPath)
    .option("--exclude-self", "row i is the same item on both sides: query i does not find it")
    .addOption(new Option("--distance <name>", "how distance is measured").choices(distances).default("l2"))
    .addOption(memoryOption)
    .option("--json", "print one JSON object instead of a table")
    .addHelpText("after", examples)
    .action(evaluate);
}

async function evaluate({ json, ...choices }: EvaluateChoices & { readonly json?: boolean }): Promise<void> {
  const line = progressLine(ownPlace());
  line.show(`opening ${choices.query} and ${choices.gallery} ...`);
  const evaluation = await evaluateFiles(choices, line);
  if (evaluation.findsItself) line.keep(selfNote);
  const report = evaluationReport(evaluation, choices);
  console.log(json ? JSON.stringify(report, null, 2) : reportText(report));
}

const selfNote =
  "note: query and gallery hold the same rows, so every query finds itself: pass --exclude-self to leave it out";

/** MiB to bytes. Throws InvalidArgumentError, which commander prints, if not a whole number. */
function mebibytes(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text) * 2 ** 20;
  throw new InvalidArgumentError("A whole number of MiB, at least 1, is allowed.");
}
