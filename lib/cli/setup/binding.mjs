import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { SetupError } from "./prerequisites.mjs";
import { pythonPart, tensorflowFolder } from "./python.mjs";
import { run } from "./run.mjs";
import { stampOf } from "./stamp.mjs";

const FOLDER = "node_modules/@tensorflow/tfjs-node-gpu";
const FLAGS = ["-std=c++17", "-O2", "-shared", "-fPIC", "-DNAPI_VERSION=8"];

/** Where TensorFlow.js looks for its native addon. */
export const bindingFile = `${FOLDER}/lib/napi-v8/tfjs_binding.node`;

/** TensorFlow.js's native addon, compiled against TensorFlow in the Python environment. */
export const bindingPart = {
  title: "TensorFlow binding",
  stamp: `${FOLDER}/lib/napi-v8/.binding.stamp`,
  inputs: (root) => [root, stampOf(pythonPart, root), FLAGS, contentOf(join(root, FOLDER, "package.json"))],
  present: (root) => existsSync(join(root, bindingFile)),
  build: compileBinding,
};

async function compileBinding({ root, lock, compiler }) {
  const tensorflow = tensorflowFolder(root);
  if (tensorflow === null) throw new SetupError("TensorFlow's C libraries are not in .venv: remove it, run again");
  const target = join(root, bindingFile);
  const partial = `${target}.partial`;
  mkdirSync(dirname(target), { recursive: true });
  await run(
    compiler,
    [...FLAGS, ...includes(root, tensorflow), ...sources(root), "-o", partial, ...links(tensorflow)],
    {
      cwd: root,
      lock,
      remedy: "a C++17 compiler with its standard library is needed: sudo apt install g++",
    },
  );
  renameSync(partial, target);
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

/** The run path is the real folder, because TensorFlow finds the CUDA libraries relative to it. */
function links(tensorflow) {
  const libraries = ["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"];
  return [`-L${tensorflow}`, ...libraries, "-Xlinker", "-rpath", "-Xlinker", tensorflow];
}

function contentOf(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
