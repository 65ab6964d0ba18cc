import { type UnzipFileInfo, unzipSync } from "fflate";

/** The parts of a torch.save or TorchScript archive that weights are made of. */
export interface TorchArchive {
  /** What errors call the archive. */
  readonly source: string;
  /** The pickled object graph. */
  readonly pickle: Uint8Array;
  /** The bytes of each tensor storage by its key; each begins at offset 0 of its own buffer. */
  readonly storages: ReadonlyMap<string, Uint8Array>;
}

/** Opens the zip `bytes` without trusting it. Throws naming the entry that escapes, is compressed, repeated or larger than the archive. */
export function openTorchArchive(bytes: Uint8Array, source: string): TorchArchive {
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

// Scripts lie beside these, compressed; they are not even unpacked.
const wanted = /^[^/]+\/(data\.pkl|byteorder|data\/[^/]+)$/;

/** The wanted entries; their declared sizes go to `declared`, and the first faulty entry ends the reading before it is copied. */
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
