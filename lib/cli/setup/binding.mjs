import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { SetupError } from "./prerequisites.mjs";
import { pythonPart, tensorflowFolder } from "./python.mjs";
import { run } from "./run.mjs";
import { stampOf, writeWhole } from "./stamp.mjs";

const FOLDER = "node_modules/@tensorflow/tfjs-node-gpu";
const FLAGS = ["-std=c++17", "-O2", "-shared", "-fPIC", "-DNAPI_VERSION=8"];

const ANEW = "rm -r .venv && npm run setup";

/** Where TensorFlow.js looks for its native addon. */
export const bindingFile = `${FOLDER}/lib/napi-v8/tfjs_binding.node`;

/** Our addon that loads TensorFlow's library without its chatter, and its source. */
const LOADER = { file: `${FOLDER}/lib/napi-v8/load_library.node`, source: "lib/tf/load_library.cc" };

/** TensorFlow.js's native addon, compiled against TensorFlow in the Python environment. */
export const bindingPart = {
  title: "TensorFlow binding",
  takes: "about 15 seconds",
  stamp: `${FOLDER}/lib/napi-v8/.binding.stamp`,
  inputs: (root) => [
    root,
    stampOf(pythonPart, root),
    FLAGS,
    contentOf(join(root, FOLDER, "package.json")),
    contentOf(join(root, LOADER.source)),
  ],
  present: (root) => existsSync(join(root, bindingFile)) && existsSync(join(root, LOADER.file)) && loads(root),
  build: compileBinding,
};

async function compileBinding({ root, lock, compiler }) {
  const tensorflow = tensorflowFolder(root);
  if (tensorflow === null) throw new SetupError(`TensorFlow's C libraries are not in .venv: ${ANEW}`);
  const target = join(root, bindingFile);
  mkdirSync(dirname(target), { recursive: true });
  const compile = async (file, options) => {
    await run(compiler, [...FLAGS, ...includes(root, tensorflow), ...options, "-o", `${file}.partial`], {
      cwd: root,
      lock,
      remedy: "a C++17 compiler with its standard library is needed: sudo apt install g++",
    });
    renameSync(`${file}.partial`, file);
  };
  await compile(join(root, LOADER.file), [join(root, LOADER.source), ...runPath(tensorflow)]);
  await compile(target, [...sources(root), ...links(tensorflow)]);
  const fault = faultOf(target);
  if (fault !== null) throw new SetupError(`${target} was built, but does not load (${fault}): ${ANEW}`);
}

/**
 * Whether Node can load the addon. It is tried in a process of its own, which a damaged one ends,
 * and only once: size and time of the file that was loaded stand in a file beside it.
 */
function loads(root) {
  const path = join(root, bindingFile);
  const { size, mtimeMs } = statSync(path);
  const record = `${size} ${mtimeMs}\n`;
  const tried = join(dirname(path), ".loaded");
  if (contentOf(tried) === record) return true;
  if (faultOf(path) !== null) return false;
  writeIfAllowed(tried, record);
  return true;
}

/** Why Node cannot load an addon, in one line; null if it can. */
function faultOf(path) {
  const program = `process.dlopen({ exports: {} }, ${JSON.stringify(path)})`;
  const { status, signal, stderr, error } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
  if (status === 0) return null;
  if (error !== undefined) throw error;
  const why = /Error: (.*)/.exec(stderr ?? "")?.[1] ?? signal ?? `status ${status}`;
  if (/cannot allocate memory|failed to map segment/i.test(why))
    throw new SetupError(`TensorFlow does not fit into the address space (${why}): ulimit -v unlimited`);
  return why;
}

/** In a clone that belongs to somebody else the addon is tried each time. */
function writeIfAllowed(path, content) {
  try {
    writeWhole(path, content);
  } catch {
    // The record only saves time.
  }
}

function includes(root, tensorflow) {
  const folders = ["node_modules/node-api-headers/include", `${FOLDER}/binding`].map((name) => join(root, name));
  return [...folders, join(tensorflow, "include")].map((folder) => `-I${folder}`);
}

function sources(root) {
  const folder = join(root, FOLDER, "binding");
  const names = readdirSync(folder).filter((name) => name.endsWith(".cc"));
  return names.sort().map((name) => join(folder, name));
}

function links(tensorflow) {
  return [`-L${tensorflow}`, "-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2", ...runPath(tensorflow)];
}

/** The real folder, because TensorFlow finds the CUDA libraries relative to it. */
function runPath(tensorflow) {
  return ["-Xlinker", "-rpath", "-Xlinker", tensorflow];
}

function contentOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
