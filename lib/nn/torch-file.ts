import { readFileSync } from "node:fs";
import { openTorchArchive } from "./torch-archive";
import { type TorchGraph, unpickle } from "./torch-pickle";
import { floatsOf, type TorchTensor } from "./torch-tensor";

/** 32-bit floats of any shape, row-major. */
export interface FloatArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Floats by PyTorch's dotted names, as in a state_dict. */
export type TorchArrays = Readonly<Record<string, FloatArray>>;

/** All float tensors of a torch.save or TorchScript file, read without executing anything in it. Throws naming file and fault. */
export function readTorchFile(path: string): TorchArrays {
  return torchArrays(readFileSync(path), path);
}

/** The same from the bytes of a file called `source`. Tensors of whole numbers (num_batches_tracked) are left out. */
export function torchArrays(bytes: Uint8Array, source: string): TorchArrays {
  const archive = openTorchArchive(bytes, source);
  const arrays = new Map<string, FloatArray>();
  let copies = 0;
  for (const [name, tensor] of namedTensors(unpickle(archive), source)) {
    const data = floatsOf(tensor, archive);
    if (data === null) continue;
    if (arrays.has(name)) throw new Error(`${source} has two tensors called ${name}`);
    copies += data.buffer === archive.storages.get(tensor.storage.key)?.buffer ? 0 : data.byteLength;
    if (copies > bytes.length) throw new Error(`${source} asks for more copies of its tensors than it has bytes`);
    arrays.set(name, { shape: tensor.shape, data });
  }
  return Object.fromEntries(arrays);
}

const deepest = 64;
// A ResNet-101 has some five thousand.
const mostValues = 200_000;

/** Tensors by dotted name, in the order of the file. A graph that nests without end, or doubles at each level, is given up. */
function namedTensors(graph: TorchGraph, source: string): [string, TorchTensor][] {
  const found: [string, TorchTensor][] = [];
  let visited = 0;
  const visit = (value: unknown, path: readonly string[]): void => {
    const tensor = graph.tensorOf(value);
    if (tensor !== undefined) found.push([path.join("."), tensor]);
    if (path.length > deepest) throw new Error(`${source} nests deeper than ${deepest} levels`);
    for (const [key, member] of graph.membersOf(value) ?? []) {
      if (++visited > mostValues) throw new Error(`${source} has more than ${mostValues} values`);
      if (typeof key === "string") visit(member, [...path, key]);
    }
  };
  visit(graph.root, []);
  return found;
}
