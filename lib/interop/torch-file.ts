import { readRegularFile } from "../core/input/open-file";
import { refuseEntry, zipEntries } from "../core/input/zip";
import { InputError } from "../core/input-error";
import { type TorchGraph, unpickle } from "./torch-pickle";
import { floatsOf, type TorchArchive, type TorchTensor } from "./torch-tensor";

/** 32-bit floats of any shape, row-major. */
export interface FloatArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Floats by PyTorch's dotted names, as in a state_dict. */
export type TorchArrays = Readonly<Record<string, FloatArray>>;

// Node reads no larger file at once.
const largestFile = 2 ** 31 - 1;

/**
 * All float tensors of a torch.save or TorchScript file, read without executing any of it. Throws
 * InputError.
 */
export async function readTorchFile(path: string): Promise<TorchArrays> {
  return torchArrays(await readRegularFile(path, { most: largestFile }), path);
}

/**
 * The same from the bytes of a file that errors call `source`. Tensors of whole numbers, such as
 * num_batches_tracked, are left out.
 */
async function torchArrays(bytes: Uint8Array, source: string): Promise<TorchArrays> {
  const archive = await openTorchArchive(bytes, source);
  const arrays = new Map<string, FloatArray>();
  let copies = 0;
  for (const [name, tensor] of namedTensors(unpickle(archive), source)) {
    const data = floatsOf(tensor, archive);
    if (data === null) continue;
    if (arrays.has(name)) throw refused(source, `has two tensors called ${name}`);
    copies += data.buffer === archive.storages.get(tensor.storage.key)?.buffer ? 0 : data.byteLength;
    // Values of 16 bits take twice their bytes as 32-bit floats.
    if (copies > 2 * bytes.length) throw refused(source, "asks for more copies of its tensors than it has bytes");
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
    if (path.length > deepest) throw refused(source, `nests deeper than ${deepest} levels`);
    for (const [key, member] of graph.membersOf(value) ?? []) {
      if (++visited > mostValues) throw refused(source, `has more than ${mostValues} values`);
      if (typeof key === "string") visit(member, [...path, key]);
    }
  };
  visit(graph.root, []);
  return found;
}

/**
 * Opens a zip archive that is not trusted. Throws, naming the entry, if one leaves the archive, is
 * compressed or repeated, or declares more bytes than the archive has.
 */
async function openTorchArchive(bytes: Uint8Array, source: string): Promise<TorchArchive> {
  const entries = await storedEntries(bytes, source);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const pickle = entries.get(pickles[0] ?? "");
  if (pickle === undefined || pickles.length > 1) {
    throw refused(
      source,
      `holds ${pickles.length} entries <name>/data.pkl: a torch.save or TorchScript archive holds one`,
    );
  }
  const root = (pickles[0] ?? "").slice(0, -"data.pkl".length);
  requireLittleEndian(entries.get(`${root}byteorder`), source);
  const inside = [...entries].filter(([name]) => name.startsWith(`${root}data/`));
  return { source, pickle, storages: new Map(inside.map(([name, data]) => [name.slice(`${root}data/`.length), data])) };
}

// The scripts beside these entries are compressed; they are not unpacked.
const wanted = /^[^/]+\/(data\.pkl|byteorder|data\/[^/]+)$/;

/** The content of the wanted entries. Throws at the first faulty entry, before it is copied. */
async function storedEntries(bytes: Uint8Array, source: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const names = new Set<string>();
  const found = new Map<string, Uint8Array>();
  let total = 0;
  for await (const entry of zipEntries(source, bytes)) {
    const { path, size } = entry;
    if (leavesArchive(path)) refuseEntry(source, path, "has a path that leaves the archive");
    if (names.has(path)) refuseEntry(source, path, "occurs twice");
    names.add(path);
    if (!wanted.test(path)) continue;
    if (entry.compressed) refuseEntry(source, path, "is compressed; PyTorch stores its tensors as they are");
    total += size;
    if (total > bytes.length) refuseEntry(source, path, `declares ${size} bytes, more than the archive has left`);
    found.set(path, new Uint8Array(await entry.content()));
  }
  return found;
}

function leavesArchive(path: string): boolean {
  const segments = path.replace(/\/$/, "").split("/");
  return path.includes("\\") || segments.some((segment) => ["", ".", ".."].includes(segment));
}

function requireLittleEndian(byteOrder: Uint8Array | undefined, source: string): void {
  const order = byteOrder === undefined ? "little" : new TextDecoder().decode(byteOrder).trim();
  if (order !== "little") throw refused(source, `has the byte order ${JSON.stringify(order)}: only "little" is read`);
}

function refused(source: string, fault: string): InputError {
  return new InputError({ file: source, fault });
}
