import { readFileSync } from "node:fs";
import { type UnzipFileInfo, unzipSync } from "fflate";
import { type TorchGraph, unpickle } from "./torch-pickle";
import { floatsOf, type TorchTensor } from "./torch-tensor";

/** 32-bit floats of any shape, row-major. */
export interface FloatArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Floats by PyTorch's dotted names, as in a state_dict. */
export type TorchArrays = Readonly<Record<string, FloatArray>>;

/**
 * All float tensors of a torch.save or TorchScript file, read without executing any of it. Throws,
 * naming the file and the fault.
 */
export function readTorchFile(path: string): TorchArrays {
  return torchArrays(readFileSync(path), path);
}

/**
 * The same from the bytes of a file that errors call `source`. Tensors of whole numbers, such as
 * num_batches_tracked, are left out.
 */
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
// A ResNet-101 has about five thousand.
const mostValues = 200_000;

/**
 * Tensors with their dotted names, in the order of the file. Throws on a graph that nests endlessly
 * or doubles at each level.
 */
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

/** The parts of a torch.save or TorchScript archive that hold weights. */
export interface TorchArchive {
  /** How errors name the archive. */
  readonly source: string;
  /** The pickled object graph. */
  readonly pickle: Uint8Array;
  /** The bytes of each storage by its key, each at the beginning of a buffer of its own. */
  readonly storages: ReadonlyMap<string, Uint8Array>;
}

/**
 * Opens a zip archive that is not trusted. Throws, naming the entry, if one leaves the archive, is
 * compressed or repeated, or declares more bytes than the archive has.
 */
function openTorchArchive(bytes: Uint8Array, source: string): TorchArchive {
  const entries = storedEntries(bytes, source);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const pickle = entries.get(pickles[0] ?? "");
  if (pickle === undefined || pickles.length > 1) {
    throw new Error(
      `${source} holds ${pickles.length} entries <name>/data.pkl; a torch.save or TorchScript archive holds one`,
    );
  }
  const root = (pickles[0] ?? "").slice(0, -"data.pkl".length);
  requireLittleEndian(entries.get(`${root}byteorder`), source);
  const inside = [...entries].filter(([name]) => name.startsWith(`${root}data/`));
  return { source, pickle, storages: new Map(inside.map(([name, data]) => [name.slice(`${root}data/`.length), data])) };
}

function storedEntries(bytes: Uint8Array, source: string): ReadonlyMap<string, Uint8Array> {
  const declared = new Map<string, number>();
  const files = unzip(bytes, source, declared);
  for (const [name, size] of declared) {
    const found = files.get(name)?.length ?? 0;
    if (found !== size) throw new Error(`${source}: entry ${name} declares ${size} bytes, the archive holds ${found}`);
  }
  return files;
}

// The scripts beside these entries are compressed; they are not unpacked.
const wanted = /^[^/]+\/(data\.pkl|byteorder|data\/[^/]+)$/;

/**
 * The wanted entries; their declared sizes are added to `declared`. Throws at the first faulty
 * entry, before it is copied.
 */
function unzip(bytes: Uint8Array, source: string, declared: Map<string, number>): ReadonlyMap<string, Uint8Array> {
  let total = 0;
  const names = new Set<string>();
  const filter = (entry: UnzipFileInfo): boolean => {
    const read = wanted.test(entry.name);
    if (read) total += entry.originalSize;
    const fault = faultOf(entry, { read, repeated: names.has(entry.name), tooMuch: total > bytes.length });
    if (fault !== null) throw new Error(`entry ${JSON.stringify(entry.name)} ${fault}`);
    names.add(entry.name);
    if (read) declared.set(entry.name, entry.originalSize);
    return read;
  };
  try {
    return new Map(Object.entries(unzipSync(bytes, { filter })));
  } catch (error) {
    throw new Error(`${source} is not a readable PyTorch archive: ${error instanceof Error ? error.message : error}`);
  }
}

interface Findings {
  readonly read: boolean;
  readonly repeated: boolean;
  readonly tooMuch: boolean;
}

function faultOf(
  { name, size, originalSize, compression }: UnzipFileInfo,
  { read, repeated, tooMuch }: Findings,
): string | null {
  const segments = name.replace(/\/$/, "").split("/");
  if (name.includes("\\") || segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    return "has a path that leaves the archive";
  }
  if (repeated) return "occurs twice";
  if (!read) return null;
  if (compression !== 0 || size !== originalSize) return "is compressed; PyTorch stores its tensors as they are";
  if (tooMuch) return `declares ${originalSize} bytes, more than the archive has left`;
  return null;
}

function requireLittleEndian(byteOrder: Uint8Array | undefined, source: string): void {
  const order = byteOrder === undefined ? "little" : new TextDecoder().decode(byteOrder).trim();
  if (order !== "little")
    throw new Error(`${source} has the byte order ${JSON.stringify(order)}; only "little" is read`);
}
