import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { z } from "zod";
import { artifactPath } from "../core/artifacts/obtain";
import { graphOf, type Request } from "../core/artifacts/step";
import { InputError } from "../core/input-error";
import { isMissing } from "../core/paths";
import { type AnyTable, anyAtPrecision, anyRequests } from "../experiments/language/kinds/any-table";
import { type ChosenSteps, scaleOf } from "../experiments/run-options";
import { type Precision, precisions } from "../tf/graph/precision";
import { secondsOf } from "./estimate";

/** A table of a plan. With it the library declares the same steps again. */
export interface PlannedTable {
  /** The table's own id, and that of its results, which also names the precision. */
  readonly table: string;
  readonly result: string;
  readonly scale: string;
  readonly seeds: number;
  readonly precision: Precision;
  /** Are the committed result's seeds taken from it? */
  readonly extend: boolean;
  /** The keys of what the table asks for; their inputs are not repeated. */
  readonly steps: readonly string[];
}

/** A step of a plan: what it needs before it, and how much of a machine it takes. */
interface PlannedStep {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  /** The keys of the steps whose artifacts it reads. */
  readonly inputs: readonly string[];
  /** The name of its artifact in the cache. */
  readonly artifact: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  /** An estimate for the device that the plan was made on. */
  readonly seconds: number;
}

/** The graph of work of tables, each step after its inputs; plain data, kept as JSON. */
export interface Plan {
  readonly version: 1;
  /** The hash of the compiled library that declared it. */
  readonly program: string;
  readonly tables: readonly PlannedTable[];
  readonly steps: readonly PlannedStep[];
}

const planSchema: z.ZodType<Plan> = z.strictObject({
  version: z.literal(1),
  program: z.string(),
  tables: z.array(
    z.strictObject({
      table: z.string(),
      result: z.string(),
      scale: z.string(),
      seeds: z.int().min(1),
      precision: z.enum(precisions),
      extend: z.boolean(),
      steps: z.array(z.string()),
    }),
  ),
  steps: z.array(
    z.strictObject({
      key: z.string(),
      kind: z.string(),
      label: z.string(),
      inputs: z.array(z.string()),
      artifact: z.string(),
      cores: z.int().min(1),
      memoryMiB: z.int().min(1),
      gpus: z.int().min(0),
      seconds: z.number().min(0),
    }),
  ),
});

/** What is to be planned. */
export interface PlanChoices extends ChosenSteps {
  readonly precision: Precision;
}

/** What a plan says of the machines that its steps will run on. */
export interface Machine {
  readonly program: string;
  /** Multiply-adds per second that networks reach. */
  readonly rate: number;
  /** The cores of each step. The order of sums depends on them, so they are the same for all. */
  readonly cores: number;
  readonly gpus: number;
}

/**
 * The plan of tables at a scale. Throws RangeError if a table does not run at the scale or with so
 * many seeds, and InputError if there is no committed result to extend.
 */
export function planOf(tables: readonly AnyTable[], choices: PlanChoices, machine: Machine): Plan {
  const planned = tables.map((table) => plannedTable(table, choices));
  const steps = graphOf(planned.flatMap(({ requests }) => requests));
  return {
    version: 1,
    program: machine.program,
    tables: planned.map(({ entry }) => entry),
    steps: steps.map((step) => plannedStep(step, machine)),
  };
}

function plannedTable(
  table: AnyTable,
  choices: PlanChoices,
): { readonly entry: PlannedTable; readonly requests: readonly Request[] } {
  const { scale, precision, extend = false } = choices;
  const seeds = scaleOf(table, choices).seeds.length;
  const entry = { table: table.id, result: anyAtPrecision(table, precision).id, scale, seeds, precision, extend };
  const requests = declaredAgain(table, entry);
  return { entry: { ...entry, steps: [...new Set(requests.map(({ key }) => key))] }, requests };
}

/** What a table of a plan asks for, by today's declarations. */
export function declaredAgain(
  table: AnyTable,
  { precision, ...chosen }: Pick<PlannedTable, "scale" | "seeds" | "precision" | "extend">,
): readonly Request[] {
  return anyRequests(anyAtPrecision(table, precision), chosen);
}

// Node, TensorFlow and a dataset of small images; and the copies of what a step holds at its peak.
const baseMemory = 2 ** 31;
const copies = 1.5;

function plannedStep(request: Request, { rate, cores, gpus }: Machine): PlannedStep {
  const { key, kind, label, inputs } = request;
  return {
    key,
    kind,
    label,
    inputs: [...new Set(inputs.map((input) => input.key))],
    artifact: basename(artifactPath("", request)),
    cores,
    memoryMiB: Math.ceil((baseMemory + copies * (request.needs()?.bytes ?? 0)) / 2 ** 20),
    gpus,
    seconds: Number(secondsOf(request, rate).toPrecision(3)),
  };
}

/** A plan as JSON, one step a line. */
export function planJson({ tables, steps, ...plan }: Plan): string {
  const lines = (values: readonly unknown[]): string => values.map((value) => `  ${JSON.stringify(value)}`).join(",\n");
  const head = JSON.stringify(plan).slice(0, -1);
  return `${head},\n"tables": [\n${lines(tables)}\n],\n"steps": [\n${lines(steps)}\n]}\n`;
}

/** Reads a plan. Throws InputError, with what to do, if there is none in the file. */
export function readPlan(file: string): Plan {
  const remedy = "npm run fct -- plan makes one";
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new InputError({ file, fault: isMissing(cause) ? "does not exist" : "is not JSON", remedy, cause });
  }
  const parsed = planSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError({ file, place: issue?.path.join(".") || "the plan", fault: `${issue?.message}`, remedy });
}
