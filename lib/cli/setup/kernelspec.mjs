import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pythonPart } from "./python.mjs";
import { stampOf, writeWhole } from "./stamp.mjs";

const FOLDER = ".venv/share/jupyter/kernels/fct";

/** Registers the TypeScript kernel with Jupyter; notebooks call it `fct`. */
export const kernelspecPart = {
  title: "Jupyter kernel",
  takes: "at once",
  stamp: `${FOLDER}/.kernel.stamp`,
  inputs: (root) => [kernelspec(root), stampOf(pythonPart, root)],
  present: (root) => contentOf(join(root, FOLDER, "kernel.json")) === textOf(root),
  build: ({ root }) => writeWhole(join(root, FOLDER, "kernel.json"), textOf(root)),
};

function contentOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function textOf(root) {
  return `${JSON.stringify(kernelspec(root), null, 2)}\n`;
}

function kernelspec(root) {
  return {
    argv: [process.execPath, join(root, "lib", "cli", "kernel", "kernel.cjs"), "{connection_file}"],
    display_name: "TypeScript (FCT)",
    language: "typescript",
    interrupt_mode: "signal",
  };
}
