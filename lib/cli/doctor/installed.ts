import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { isPlainObject } from "../../core/hash";
import { bundledTensorflow, bundleOf } from "../bundle/description";
import { type Finding, type Patient, parsed, right, setUp, versionOf, wrong } from "./finding";

const anew = `rm -r .venv && ${setUp}`;

export function node(): readonly Finding[] {
  return [right("node", process.version)];
}

export function programs({ root, answer }: Patient): readonly Finding[] {
  const npm = process.env.npm_config_user_agent?.match(/^npm\/(\S+)/)?.[1] ?? answer("npm", ["--version"]);
  const compiler = answer(process.env.CXX ?? "g++", ["--version"])?.split("\n")[0] ?? null;
  return [
    versionOf("npm", npm, "sudo apt install npm"),
    versionOf("python", answer(python(root), ["--version"])?.replace("Python ", "") ?? null),
    versionOf("compiler", compiler, "sudo apt install g++ (needed to build the binding only)"),
  ];
}

export function packages({ root }: Patient): readonly Finding[] {
  return ["@tensorflow/tfjs-node-gpu", "tslab"].map((name) => {
    const description = parsed(join(root, "node_modules", name, "package.json"));
    const version = isPlainObject(description) ? description.version : null;
    return versionOf(name.replace("@tensorflow/", ""), typeof version === "string" ? version : null);
  });
}

export function jupyter({ root, answer }: Patient): readonly Finding[] {
  const names = ["jupyterlab", "nbclient", "nbconvert", "kaleido"];
  const program = `import importlib.metadata as m; print("\\n".join(m.version(n) for n in ${JSON.stringify(names)}))`;
  const versions = answer(python(root), ["-c", program])?.split("\n") ?? [];
  return names.map((name, index) => versionOf(name, versions[index] ?? null));
}

/** What ldd asks, for machines without it. */
const loader = "/lib64/ld-linux-x86-64.so.2";

/** The native addon and the TensorFlow libraries that it loads. */
export function binding({ root, answer }: Patient): readonly Finding[] {
  const path = join(root, "node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node");
  if (!existsSync(path)) return [wrong("binding", "not built", setUp)];
  const listed = answer("ldd", [path]) ?? answer(loader, ["--list", path]) ?? "";
  const libraries = [...listed.matchAll(/(libtensorflow\S+) => (not found|.+(?= \(0x))/g)];
  const own = join(realpathSync(root), bundleOf(root) === null ? ".venv" : bundledTensorflow);
  const fits = libraries.length === 2 && libraries.every(([, , place]) => place?.startsWith(own));
  const links = libraries.map(([, name, place]) => `\n${" ".repeat(16)}${name} => ${place}`);
  const text = `${path}${links.join("")}`;
  return [fits ? right("binding", text) : wrong("binding", text, `rm "${path}" && ${setUp}`)];
}

/** Loaded in a process of its own: a binding that does not fit may crash instead of throwing. */
export function tensorflow({ root, processor, answer }: Patient): readonly Finding[] {
  const module = join(__dirname, "..", "..", "tf", "device.js");
  const text = answer(process.execPath, [
    "-e",
    `console.log(JSON.stringify(require(${JSON.stringify(module)}).device()))`,
  ]);
  if (text === null) return [wrong("tensorflow", "does not load", `${setUp}; if that does not help: ${anew}`)];
  const { tensorflow, device } = JSON.parse(text) as { tensorflow: string; device: string };
  const driver = answer("nvidia-smi", ["--query-gpu=name,driver_version", "--format=csv,noheader"]);
  const idle = driver !== null && device === processor;
  const build = bundleOf(root)?.build ?? null;
  const remedy = idle ? `the GPU (${driver}) is not used: ${gpuRemedy(build)}` : null;
  const none = driver === null && build === "cuda" ? "; no NVIDIA driver answers (nvidia-smi)" : "";
  return [right("tensorflow", tensorflow), { what: "device", found: `${device}${none}`, remedy }];
}

/** What to do where TensorFlow does not use the GPU; a bundle's build is not that of the set-up. */
function gpuRemedy(build: "cpu" | "cuda" | null): string {
  switch (build) {
    case null:
      return anew;
    case "cpu":
      return "pack with --cuda";
    case "cuda":
      return "name the folders of CUDA's libraries, sh unpack.sh NEW_FOLDER CUDA_FOLDER; env.sh lists what was found";
  }
}

/** The notebooks' kernel as Jupyter knows it, which holds absolute paths. */
export function kernel({ root }: Patient): readonly Finding[] {
  const path = join(root, ".venv/share/jupyter/kernels/fct/kernel.json");
  if (!existsSync(path)) return [wrong("kernel", "not installed", setUp)];
  const spec = parsed(path);
  const argv = isPlainObject(spec) && Array.isArray(spec.argv) ? spec.argv.map(String) : null;
  if (argv === null) return [wrong("kernel", `${path} is damaged`, setUp)];
  const gone = argv.slice(0, 2).find((name) => !existsSync(name));
  return [gone === undefined ? right("kernel", `fct: ${argv.join(" ")}`) : wrong("kernel", `${gone} is gone`, setUp)];
}

function python(root: string): string {
  return join(root, ".venv", "bin", "python");
}
