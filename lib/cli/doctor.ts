import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statfsSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { dataFolder, projectRoot } from "../core/paths";
import { catalogue, type DatasetName } from "../data/fetching/catalogue";
import { dataPlaces, datasetState } from "../data/fetching/dataset-state";
import { readChecked } from "../data/fetching/verified-file";
import { command } from "./command";

/** `fct doctor`: what this machine and this clone offer, and what to do about whatever is wrong. */
export function doctorCommand(): Command {
  return command("doctor")
    .description("print device, versions, binding, kernel, data, cores and memory; say what to do about what is wrong")
    .action(async () => {
      const found = await findings();
      console.log(found.map(line).join("\n"));
      const wrong = found.filter(({ remedy }) => remedy !== null);
      console.log(wrong.length === 0 ? "\nall is well" : `\n${wrong.length} to mend, marked with !`);
      if (wrong.length > 0) process.exitCode = 1;
    });
}

function line({ what, found, remedy }: Finding): string {
  const text = `${remedy === null ? " " : "!"} ${what.padEnd(13)} ${found}`;
  return remedy === null ? text : `${text}\n${" ".repeat(16)}-> ${remedy}`;
}

/** One thing looked at; `remedy` says what to do where it is wrong, null where it is right. */
interface Finding {
  readonly what: string;
  readonly found: string;
  readonly remedy: string | null;
}

const GIB = 2 ** 30;
const SET_UP = "npm run setup";
const LEAST_FREE_DISK = 2 * GIB;
const LEAST_MEMORY = 4 * GIB;

/** Looks at everything a run needs; what is broken is a finding too, never an exception. */
async function findings(): Promise<readonly Finding[]> {
  return [
    ...machine(),
    ...programs(),
    ...packages(),
    ...jupyter(),
    binding(),
    ...tensorflow(),
    kernelspec(),
    ...(await data()),
    ...datasets(),
  ];
}

function machine(): readonly Finding[] {
  const { bavail, bsize } = statfsSync(projectRoot());
  const memory = totalmem();
  return [
    right("system", `${process.platform} ${process.arch}, ${cpus()[0]?.model ?? "unknown processor"}`),
    right("cores", String(availableParallelism())),
    {
      what: "memory",
      found: `${gibibytes(memory)}, ${gibibytes(freemem())} free`,
      remedy: memory < LEAST_MEMORY ? `at least ${gibibytes(LEAST_MEMORY)} are needed to train` : null,
    },
    {
      what: "disk",
      found: `${gibibytes(bavail * bsize)} free`,
      remedy:
        bavail * bsize < LEAST_FREE_DISK ? `free ${gibibytes(LEAST_FREE_DISK)}: results/cache may be deleted` : null,
    },
  ];
}

function programs(): readonly Finding[] {
  const npm = process.env.npm_config_user_agent?.match(/^npm\/(\S+)/)?.[1] ?? answer("npm", ["--version"]);
  const compiler = answer(process.env.CXX ?? "g++", ["--version"])?.split("\n")[0] ?? null;
  return [
    right("node", process.version),
    found("npm", npm, "sudo apt install npm"),
    found("python", answer(python(), ["--version"])?.replace("Python ", "") ?? null, SET_UP),
    found("compiler", compiler, "sudo apt install g++ (needed to build the binding only)"),
  ];
}

function packages(): readonly Finding[] {
  return ["@tensorflow/tfjs-node-gpu", "tslab"].map((name) => {
    const path = join(projectRoot(), "node_modules", name, "package.json");
    const version = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version : null;
    return found(name.replace("@tensorflow/", ""), version, SET_UP);
  });
}

function jupyter(): readonly Finding[] {
  const names = ["jupyterlab", "nbclient", "nbconvert", "kaleido"];
  const program = `import importlib.metadata as m; print("\\n".join(m.version(n) for n in ${JSON.stringify(names)}))`;
  const versions = answer(python(), ["-c", program])?.split("\n") ?? [];
  return names.map((name, index) => found(name, versions[index] ?? null, SET_UP));
}

/** The native addon and the TensorFlow libraries it loads. */
function binding(): Finding {
  const path = join(projectRoot(), "node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node");
  if (!existsSync(path)) return wrong("binding", "not built", SET_UP);
  const libraries = [...(answer("ldd", [path]) ?? "").matchAll(/(libtensorflow\S+) => (not found|.+(?= \(0x))/g)];
  const links = libraries.map(([, name, place]) => `${name} => ${place}`);
  const own = realpathSync(projectRoot());
  const fits = libraries.length === 2 && libraries.every(([, , place]) => place?.startsWith(join(own, ".venv")));
  const place = `${path}${links.map((link) => `\n${" ".repeat(16)}${link}`).join("")}`;
  return fits ? right("binding", place) : wrong("binding", place, `rm "${path}" && ${SET_UP}`);
}

/** Loaded in a process of its own: a binding that does not fit may crash instead of throwing. */
function tensorflow(): readonly Finding[] {
  const module = join(__dirname, "..", "tf", "device.js");
  const program = `console.log(JSON.stringify(require(${JSON.stringify(module)}).device()))`;
  const text = answer(process.execPath, ["-e", program]);
  if (text === null) return [wrong("tensorflow", "does not load", `rm -r .venv && ${SET_UP}`)];
  const { tensorflow, device } = JSON.parse(text) as { tensorflow: string; device: string };
  const driver = answer("nvidia-smi", ["--query-gpu=name,driver_version", "--format=csv,noheader"]);
  const idle = driver !== null && device === cpus()[0]?.model;
  const remedy = idle ? `the GPU (${driver}) is not used: rm -r .venv && ${SET_UP}` : null;
  return [right("tensorflow", tensorflow), { what: "device", found: device, remedy }];
}

function kernelspec(): Finding {
  const path = join(projectRoot(), ".venv/share/jupyter/kernels/fct/kernel.json");
  if (!existsSync(path)) return wrong("kernel", "not installed", SET_UP);
  const { argv } = JSON.parse(readFileSync(path, "utf8")) as { argv: readonly string[] };
  const missing = argv.slice(0, 2).find((name) => !existsSync(name));
  return missing === undefined
    ? right("kernel", `fct: ${argv.join(" ")}`)
    : wrong("kernel", `${missing} is gone`, SET_UP);
}

async function data(): Promise<readonly Finding[]> {
  const checksums = join(dataFolder(), "checksums.json");
  if (!existsSync(checksums)) return [wrong("data", "checksums.json is missing", "git checkout -- data")];
  const names = Object.keys(JSON.parse(readFileSync(checksums, "utf8")) as object);
  return Promise.all(names.map(dataFile));
}

async function dataFile(name: string): Promise<Finding> {
  try {
    const content = await readChecked(dataFolder(), name);
    return right("data", `${name}: ${content.length} bytes, checksum right`);
  } catch (error) {
    return wrong("data", (error as Error).message, "git checkout -- data");
  }
}

/** The datasets that were fetched or put there by hand, whole or not; those that are absent are nothing wrong. */
function datasets(): readonly Finding[] {
  return (Object.keys(catalogue) as readonly DatasetName[]).flatMap((name) => {
    const { source } = catalogue[name];
    if (source.kind === "drawn" || source.kind === "committed") return [];
    const state = datasetState(name, catalogue[name], dataPlaces());
    if (state.kind === "present") return [right("data", `${name}: ${state.place}`)];
    if (state.kind !== "partial") return [];
    return [
      wrong("data", `${name}: ${state.place} lacks ${state.missing.join(", ")}`, `npm run fct -- data get ${name}`),
    ];
  });
}

function python(): string {
  return join(projectRoot(), ".venv", "bin", "python");
}

/** What a program prints, trimmed; null where it is absent or fails. */
function answer(command: string, words: readonly string[]): string | null {
  const { status, stdout } = spawnSync(command, words, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

function found(what: string, version: string | null, remedy: string): Finding {
  return version === null ? wrong(what, "missing", remedy) : right(what, version);
}

function right(what: string, text: string): Finding {
  return { what, found: text, remedy: null };
}

function wrong(what: string, text: string, remedy: string): Finding {
  return { what, found: text, remedy };
}

function gibibytes(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
