import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { replaceFolder } from "./aside.mjs";
import { pythonEnvironment, SetupError } from "./prerequisites.mjs";
import { run } from "./run.mjs";

/** What the binding is linked with and compiled against, inside TensorFlow's package. */
const TENSORFLOW_KEPT = [
  "libtensorflow_cc.so.2",
  "libtensorflow_framework.so.2",
  "include/tensorflow/c",
  "include/xla/tsl/c",
  ...["tensorflow/core", "tsl"].flatMap((folder) =>
    ["ctstring.h", "ctstring_internal.h"].map((name) => `include/${folder}/platform/${name}`),
  ),
];

/** The script that draws figures in exported notebooks, inside plotly's package. */
const PLOTLY_KEPT = ["package_data/plotly.min.js"];

/** The virtual environment: Jupyter, the figure renderer, and TensorFlow with its headers. */
export const pythonPart = {
  title: "Python environment (Jupyter, TensorFlow)",
  takes: "about a minute, 1.0 GB",
  stamp: ".venv/.python.stamp",
  inputs: (root) => [
    root,
    [TENSORFLOW_KEPT, PLOTLY_KEPT],
    ...requirementFiles(root).map((name) => readFileSync(join(root, name), "utf8")),
  ],
  present: (root) => existsSync(pythonOf(root)) && existsSync(join(root, ".venv", "lib")),
  build: makeEnvironment,
};

/** The Python of the virtual environment. */
export function pythonOf(root) {
  return join(root, ".venv", "bin", "python");
}

/**
 * The folder of the installed TensorFlow, with its libraries and include/; null if not installed.
 */
export function tensorflowFolder(root) {
  const library = join(root, ".venv", "lib");
  if (!existsSync(library)) return null;
  const folders = readdirSync(library).map((name) => join(library, name, "site-packages", "tensorflow"));
  return folders.find((folder) => existsSync(join(folder, "libtensorflow_cc.so.2"))) ?? null;
}

/** The requirement files for this machine: CUDA's if an NVIDIA driver responds. */
export function requirementFiles(root) {
  const cuda = hasCudaBuild(root) || nvidiaDriverAnswers();
  return ["requirements.txt", cuda ? "requirements-cuda.txt" : "requirements-cpu.txt"];
}

/** An installed CUDA build is kept, because it also works without a GPU. */
function hasCudaBuild(root) {
  const folder = tensorflowFolder(root);
  if (folder === null) return false;
  return readdirSync(join(folder, "..")).some((name) => /^tensorflow-[\d.]+\.dist-info$/.test(name));
}

let driverAnswered;

/** Asked once per process, because the answer takes seconds without a persistent driver. */
function nvidiaDriverAnswers() {
  driverAnswered ??= spawnSync("nvidia-smi", ["--list-gpus"], { encoding: "utf8" }).stdout?.startsWith("GPU ") === true;
  return driverAnswered;
}

/**
 * Made in its place, because scripts and links inside hold the path of the folder and of the Python
 * that made them.
 */
function makeEnvironment(context) {
  const files = requirementFiles(context.root);
  return replaceFolder(join(context.root, ".venv"), () => install(files, context));
}

async function install(files, { root, lock, python }) {
  const env = pythonEnvironment();
  await run(python, ["-m", "venv", join(root, ".venv")], {
    cwd: root,
    lock,
    env,
    remedy: "is the folder writable, and is there space on the disk? Python's venv: sudo apt install python3-venv",
  });
  const requirements = files.flatMap((name) => ["--requirement", name]);
  await run(pythonOf(root), ["-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", ...requirements], {
    cwd: root,
    lock,
    env,
    remedy: "look at the message above: often the Python package index is not reachable, or the disk is full",
  });
  if (tensorflowFolder(root) === null)
    throw new SetupError("TensorFlow's C libraries are not in the new .venv: rm -r .venv && npm run setup");
  removeUnused(tensorflowFolder(root));
}

/**
 * Removes two thirds of the environment: TensorFlow's Python side and most of its headers, its
 * libraries' tables of local symbols, and plotly's Python side, which came with its extension of
 * JupyterLab.
 */
function removeUnused(tensorflow) {
  keepOnly(tensorflow, TENSORFLOW_KEPT);
  keepOnly(join(tensorflow, "..", "plotly"), PLOTLY_KEPT);
  // Without `strip` the libraries only stay larger.
  spawnSync("strip", ["--strip-unneeded", ...TENSORFLOW_KEPT.slice(0, 2).map((name) => join(tensorflow, name))]);
}

function keepOnly(folder, names) {
  const kept = `${folder}.kept`;
  for (const name of names) {
    mkdirSync(dirname(join(kept, name)), { recursive: true });
    renameSync(join(folder, name), join(kept, name));
  }
  rmSync(folder, { recursive: true });
  renameSync(kept, folder);
}
