import { availableParallelism } from "node:os";
import { type Finding, oneLine, type Patient, right, setUp, wrong } from "./finding";
import { binding, jupyter, kernel, packages, programs, tensorflow } from "./installed";
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

/** Looks at everything a run needs. A check that throws is a finding too, never an exception. */
export async function findings(patient: Patient): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      found.push(...(await check(patient)));
    } catch (error) {
      found.push(wrong(name, oneLine((error as Error).message), setUp));
    }
  }
  return found;
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
