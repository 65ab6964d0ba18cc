import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { networkRate } from "../../cluster/estimate";
import { type Plan, type PlanChoices, planJson, planOf } from "../../cluster/plan";
import { programHash } from "../../cluster/program";
import { writeAtomically } from "../../core/artifacts/store";
import {
  type AnyTable,
  anyAtPrecision,
  anyRequests,
  isLanguageTable,
} from "../../experiments/language/kinds/any-table";
import { scaleOf } from "../../experiments/run-options";
import { requireOutput } from "../../files/matrix-output";
import { tableNamed, tables } from "../../tables/tables";
import type { Precision } from "../../tf/graph/precision";
import { extendOption, precisionOption, scaleOption, seedsOption } from "../options/choices";
import { command, fullPath, shownPath } from "../options/command";
import { wholeNumberIn } from "../options/numbers";
import { dryRunReport } from "../reproduce/dry-run";

/** The tables of a plan and the machines that it is for. */
export interface PlanOptions {
  readonly table?: string;
  readonly all?: boolean;
  readonly scale: string;
  readonly seeds?: number;
  readonly precision: Precision;
  readonly extend?: boolean;
  readonly cores: number;
  readonly gpus: number;
}

interface OutputOptions extends PlanOptions {
  readonly json?: boolean;
  readonly out?: string;
  readonly force?: boolean;
}

/** `fct plan`: the graph of work of a table or of all, for people, as JSON, or in a file. */
export function planCommand(): Command {
  const described = command("plan").description(
    "write the steps of a table, with what each needs, for a workflow engine",
  );
  return withPlanOptions(described)
    .option("--json", "print the plan as JSON")
    .option("--out <file>", "write the plan as JSON to a file", fullPath)
    .option("--force", "replace the output if it exists")
    .addHelpText("after", help)
    .action(plan);
}

/** The command with the options of `PlanOptions`. */
export function withPlanOptions(named: Command): Command {
  const ids = tables.map(({ id }) => id);
  return named
    .addOption(new Option("--table <name>", "the table (default: main)").choices(ids).conflicts("all"))
    .option("--all", "every table of the scale")
    .addOption(scaleOption())
    .addOption(seedsOption())
    .addOption(precisionOption())
    .addOption(extendOption().conflicts("all"))
    .option("--cores <count>", "cores of each step", wholeNumberIn(1, 1024), availableParallelism())
    .option("--gpus <count>", "GPUs of each step", wholeNumberIn(0, 1), 0);
}

const help = `
Seconds are estimated for this machine. The order of sums, and with it the last digits of results, depends on the cores:
give --cores as many as a run that is to be compared has. npm run fct -- step KEY --plan FILE runs a step.`;

function plan({ json = false, out, force = false, ...options }: OutputOptions, command: Command): void {
  const wanted = plannedTables(options, command);
  if (out !== undefined) requireOutput(out, { inputs: [], replace: force });
  if (json || out !== undefined) {
    // Its estimates are of a measurement: a second one would give another plan.
    const made = out === undefined ? planned(wanted, options) : writePlan(out, wanted, options);
    const { steps, tables: named } = made;
    if (out !== undefined) console.error(`${shownPath(out)}: ${steps.length} steps of ${named.length} tables`);
    if (json) process.stdout.write(planJson(made));
    return;
  }
  const atChosen = wanted.map((table) => anyAtPrecision(table, options.precision));
  console.log(dryRunReport(atChosen, chosenBy(options)));
}

/** The tables that the options name. Ends the command if one does not run so. */
export function plannedTables(options: PlanOptions, command: Command): readonly AnyTable[] {
  const { table, all = false, scale, precision } = options;
  const chosen = chosenBy(options);
  // As npm run reproduce -- --all does: language models compute in float32 alone.
  const runs = (each: AnyTable): boolean => scale in each.scales && (precision === "float32" || !isLanguageTable(each));
  const wanted = all ? tables.filter(runs) : [tableNamed(table ?? "main")];
  try {
    for (const each of wanted) scaleOf(each, chosen);
    if (chosen.extend) for (const each of wanted) anyRequests(anyAtPrecision(each, precision), chosen);
  } catch (error) {
    command.error(`error: ${(error as Error).message}`);
  }
  return wanted;
}

/** Writes the plan of tables to a file, in place of what is there, and gives it. */
export function writePlan(file: string, wanted: readonly AnyTable[], options: PlanOptions): Plan {
  const made = planned(wanted, options);
  writeAtomically(file, planJson(made));
  return made;
}

function planned(wanted: readonly AnyTable[], options: PlanOptions): Plan {
  const { cores, gpus } = options;
  return planOf(wanted, chosenBy(options), { program: programHash(), rate: networkRate(), cores, gpus });
}

function chosenBy({ scale, seeds, precision, extend = false }: PlanOptions): PlanChoices {
  return { scale, seeds: seeds ?? null, precision, extend };
}
