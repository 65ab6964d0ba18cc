import { existsSync, readFileSync, realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { catalogue, type DatasetName } from "../data/fetching/catalogue";
import { dataPlaces, datasetState } from "../data/fetching/dataset-state";
import { readChecked } from "../data/fetching/verified-file";

/** What the doctor looks at. Tests put other machines and clones in its place. */
export interface Patient {
  /** The clone's folder. */
  readonly root: string;
  /** The processor's model. */
  readonly processor: string;
  /** Bytes of memory, and of disk in the clone's file system. */
  readonly memory: { readonly total: number; readonly free: number };
  readonly freeDisk: number;
  /** What a program prints, trimmed; null if it is missing or fails. */
  readonly answer: (command: string, words: readonly string[]) => string | null;
}

/** One thing looked at; `remedy` says what to do if it is wrong, and is null if it is right. */
export interface Finding {
  readonly what: string;
  readonly found: string;
  readonly remedy: string | null;
}

const gibibyte = 2 ** 30;
const setUp = "npm run setup";
const leastFreeDisk = 2 * gibibyte;
const leastMemory = 4 * gibibyte;

type Check = (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>;

const checks: Readonly<Record<string, Check>> = {
  machine,
  programs,
  packages,
  jupyter,
  binding,
  tensorflow,
  kernel,
  data,
  datasets,
};

/** Looks at everything a run needs. A check that throws is a finding too, never an exception. */
export async function findings(patient: Patient): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      found.push(...(await check(patient)));
    } catch (error) {
      found.push(wrong(name, (error as Error).message, setUp));
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

function programs({ root, answer }: Patient): readonly Finding[] {
  const npm = process.env.npm_config_user_agent?.match(/^npm\/(\S+)/)?.[1] ?? answer("npm", ["--version"]);
  const compiler = answer(process.env.CXX ?? "g++", ["--version"])?.split("\n")[0] ?? null;
  return [
    right("node", process.version),
    versionOf("npm", npm, "sudo apt install npm"),
    versionOf("python", answer(python(root), ["--version"])?.replace("Python ", "") ?? null),
    versionOf("compiler", compiler, "sudo apt install g++ (needed to build the binding only)"),
  ];
}

function packages({ root }: Patient): readonly Finding[] {
  return ["@tensorflow/tfjs-node-gpu", "tslab"].map((name) => {
    const path = join(root, "node_modules", name, "package.json");
    const version = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version : null;
    return versionOf(name.replace("@tensorflow/", ""), version);
  });
}

function jupyter({ root, answer }: Patient): readonly Finding[] {
  const names = ["jupyterlab", "nbclient", "nbconvert", "kaleido"];
  const program = `import importlib.metadata as m; print("\\n".join(m.version(n) for n in ${JSON.stringify(names)}))`;
  const versions = answer(python(root), ["-c", program])?.split("\n") ?? [];
  return names.map((name, index) => versionOf(name, versions[index] ?? null));
}

/** The native addon and the TensorFlow libraries that it loads. */
function binding({ root, answer }: Patient): readonly Finding[] {
  const path = join(root, "node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node");
  if (!existsSync(path)) return [wrong("binding", "not built", setUp)];
  const libraries = [...(answer("ldd", [path]) ?? "").matchAll(/(libtensorflow\S+) => (not found|.+(?= \(0x))/g)];
  const own = join(realpathSync(root), ".venv");
  const fits = libraries.length === 2 && libraries.every(([, , place]) => place?.startsWith(own));
  const links = libraries.map(([, name, place]) => `\n${" ".repeat(16)}${name} => ${place}`);
  const text = `${path}${links.join("")}`;
  return [fits ? right("binding", text) : wrong("binding", text, `rm "${path}" && ${setUp}`)];
}

/** Loaded in a process of its own: a binding that does not fit may crash instead of throwing. */
function tensorflow({ processor, answer }: Patient): readonly Finding[] {
  const module = join(__dirname, "..", "tf", "device.js");
  const text = answer(process.execPath, [
    "-e",
    `console.log(JSON.stringify(require(${JSON.stringify(module)}).device()))`,
  ]);
  if (text === null) return [wrong("tensorflow", "does not load", `rm -r .venv && ${setUp}`)];
  const { tensorflow, device } = JSON.parse(text) as { tensorflow: string; device: string };
  const driver = answer("nvidia-smi", ["--query-gpu=name,driver_version", "--format=csv,noheader"]);
  const idle = driver !== null && device === processor;
  const remedy = idle ? `the GPU (${driver}) is not used: rm -r .venv && ${setUp}` : null;
  return [right("tensorflow", tensorflow), { what: "device", found: device, remedy }];
}

/** The notebooks' kernel as Jupyter knows it, which holds absolute paths. */
function kernel({ root }: Patient): readonly Finding[] {
  const path = join(root, ".venv/share/jupyter/kernels/fct/kernel.json");
  if (!existsSync(path)) return [wrong("kernel", "not installed", setUp)];
  const { argv } = JSON.parse(readFileSync(path, "utf8")) as { argv: readonly string[] };
  const gone = argv.slice(0, 2).find((name) => !existsSync(name));
  return [gone === undefined ? right("kernel", `fct: ${argv.join(" ")}`) : wrong("kernel", `${gone} is gone`, setUp)];
}

/** The committed data against their checksums. */
async function data({ root }: Patient): Promise<readonly Finding[]> {
  const folder = join(root, "data");
  const checksums = join(folder, "checksums.json");
  const remedy = "git checkout -- data";
  if (!existsSync(checksums)) return [wrong("data", "checksums.json is missing", remedy)];
  const names = Object.keys(JSON.parse(readFileSync(checksums, "utf8")) as object);
  const found = names.map(async (name): Promise<Finding> => {
    const read = await readChecked(folder, name).catch((error: Error) => error);
    if (read instanceof Error) return wrong("data", read.message, remedy);
    return right("data", `${name}: ${read.length} bytes, checksum right`);
  });
  return Promise.all(found);
}

/**
 * Fetched datasets and the user's own copies, whole or partial. Nothing is wrong with absent ones.
 */
function datasets(): readonly Finding[] {
  return (Object.keys(catalogue) as readonly DatasetName[]).flatMap((name) => {
    const { source } = catalogue[name];
    if (source.kind === "drawn" || source.kind === "committed") return [];
    const state = datasetState(name, catalogue[name], dataPlaces());
    if (state.kind === "present") return [right("data", `${name}: ${state.place}`)];
    if (state.kind !== "partial") return [];
    const lacks = `${name}: ${state.place} lacks ${state.missing.join(", ")}`;
    return [wrong("data", lacks, `npm run fct -- data get ${name}`)];
  });
}

function python(root: string): string {
  return join(root, ".venv", "bin", "python");
}

function versionOf(what: string, version: string | null, remedy: string = setUp): Finding {
  return version === null ? wrong(what, "missing", remedy) : right(what, version);
}

function right(what: string, found: string): Finding {
  return { what, found, remedy: null };
}

function wrong(what: string, found: string, remedy: string): Finding {
  return { what, found, remedy };
}

function gibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}
