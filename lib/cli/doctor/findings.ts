import { availableParallelism } from "node:os";
import { bundleOf } from "../bundle/description";
import { type Finding, oneLine, type Patient, right, setUp, wrong } from "./finding";
import { binding, jupyter, kernel, node, packages, programs, tensorflow } from "./installed";
import { cache, data, datasets, folders } from "./stored";

const gibibyte = 2 ** 30;
const leastFreeDisk = 2 * gibibyte;
const leastMemory = 4 * gibibyte;
/** TensorFlow and a search reserve this much address space, of which they use little. */
const leastAddressSpace = 16 * gibibyte;
const leastOpenFiles = 256;

type Check = (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>;

const checks: Readonly<Record<string, Check>> = {
  machine,
  limits,
  node,
  programs,
  packages,
  jupyter,
  binding,
  tensorflow,
  kernel,
  data,
  datasets,
  folders,
  cache,
};

/** What only the set-up of a clone needs, and notebooks, which a bundle does not hold. */
const ofClones: readonly string[] = ["programs", "packages", "jupyter", "kernel"];

/**
 * Looks at everything a run needs, and with `step` trains for a step. A check that throws is a
 * finding too, never an exception.
 */
export async function findings(
  patient: Patient,
  { step = false }: { readonly step?: boolean } = {},
): Promise<readonly Finding[]> {
  const bundle = bundleOf(patient.root);
  const found: Finding[] = [];
  for (const [name, check] of Object.entries(step ? { ...checks, step: trains } : checks)) {
    if (bundle !== null && ofClones.includes(name)) continue;
    try {
      found.push(...(await check(patient)));
    } catch (error) {
      found.push(wrong(name, oneLine((error as Error).message), setUp));
    }
  }
  if (bundle === null) return found;
  const { version, commit, build } = bundle;
  const origin = right("bundle", `${version}, ${commit ?? "no commit"}, TensorFlow's ${build} build`);
  return [origin, ...found.map((each) => (each.remedy === null || !isOfClone(each.remedy) ? each : unpackAgain(each)))];
}

const trains: Check = async () => (await import("./first-step.js")).firstStep();

function isOfClone(remedy: string): boolean {
  return remedy.includes(setUp) || remedy.startsWith("git ");
}

function unpackAgain(finding: Finding): Finding {
  return { ...finding, remedy: "unpack the bundle again, into a new folder" };
}

function machine({ processor, memory, freeDisk }: Patient): readonly Finding[] {
  const tooLittle = memory.total < leastMemory;
  return [
    right("system", `${process.platform} ${process.arch}, ${processor}`),
    right("cores", String(availableParallelism())),
    {
      what: "memory",
      found: `${gibibytes(memory.total)}, ${gibibytes(memory.free)} free`,
      remedy: tooLittle ? `at least ${gibibytes(leastMemory)} are needed to train` : null,
    },
    {
      what: "disk",
      found: `${gibibytes(freeDisk)} free`,
      remedy: freeDisk < leastFreeDisk ? `free ${gibibytes(leastFreeDisk)}: results/cache may be deleted` : null,
    },
  ];
}

/** What the shell allows: nothing is said of limits that are wide enough. */
function limits({ answer }: Patient): readonly Finding[] {
  const [space = "", files = ""] = answer("sh", ["-c", "ulimit -v; ulimit -n"])?.split("\n") ?? [];
  const found: Finding[] = [];
  if (1024 * Number(space) < leastAddressSpace && space !== "") {
    const text = `${gibibytes(1024 * Number(space))} of address space`;
    found.push(wrong("limit", text, `at least ${gibibytes(leastAddressSpace)} are needed: ulimit -v unlimited`));
  }
  if (Number(files) < leastOpenFiles && files !== "")
    found.push(wrong("limit", `${files} open files`, `ulimit -n ${leastOpenFiles} or more`));
  return found;
}

function gibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}
