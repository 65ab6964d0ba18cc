import type { Command } from "commander";
import { InputError } from "../../core/input-error";
import { command, fullPath } from "../options/command";
import { mergedEvaluation } from "./merged-evaluation";
import { evaluationReport, reportText } from "./report";
import { requireLists, writeLists } from "./write-lists";

const examples = `
The numbers are those of the same evaluation in one process, to the last bit: the table and --json in percent,
--per-query in fractions. Each shard may be a job of its own, on any machine that sees the files; all of the first
reading come before those of the second:

  for i in $(seq 20); do
    npm run fct -- evaluate --query q.npy --query-labels ql.npy --gallery 'gallery/part-*.npy' \\
      --labels 'labels/part-*.npy' --shard $i/20 --measure work
  done
  (the same with --count work instead of --measure work)
  npm run fct -- merge work`;

/** `fct merge`: the result of an evaluation of which every shard was a job. */
export function mergeCommand(): Command {
  return command("merge")
    .description("merge what fct evaluate --shard has left in a folder: metrics of the whole gallery, exact")
    .argument("<folder>", "what --measure and --count named", fullPath)
    .option("--per-class", "report every class besides")
    .option("--per-query <file>", "write the measures of every query, .csv (needs --k in --count)", fullPath)
    .option("--out <file>", "write the nearest items of every query, .csv (needs --k in --count)", fullPath)
    .option("--force", "replace those files if they exist")
    .option("--json", "print one JSON object instead of a table")
    .addHelpText("after", examples)
    .action(merge);
}

interface MergeWords {
  readonly perClass?: boolean;
  readonly perQuery?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

function merge(folder: string, { json, perClass = false, force = false, ...lists }: MergeWords): void {
  requireLists({ ...lists, force });
  const { evaluation, facts } = mergedEvaluation(folder);
  if (evaluation.ranking === null && (lists.out ?? lists.perQuery) !== undefined) {
    const remedy = "count its shards again with --k";
    throw new InputError({ file: folder, fault: "holds no nearest items", remedy });
  }
  writeLists(evaluation, lists);
  const { distance, excludeSelf } = facts;
  const report = evaluationReport(evaluation, { distance, excludeSelf, perClass });
  console.log(json ? JSON.stringify(report, null, 2) : reportText(report));
}
