import { decodeFloats, type ElementType } from "../files/element-type";

/** The parts of a torch.save or TorchScript archive that hold weights. */
export interface TorchArchive {
  /** How errors name the archive. */
  readonly source: string;
  /** The pickled object graph. */
  readonly pickle: Uint8Array;
  /** The bytes of each storage by its key, each at the beginning of a buffer of its own. */
  readonly storages: ReadonlyMap<string, Uint8Array>;
}

/** Numbers in the archive: their key among its storages, their kind and their count. */
export interface TorchStorage {
  readonly kind: StorageKind;
  readonly key: string;
  readonly count: number;
}

/** A tensor as a window inside a storage, counted in numbers rather than bytes. */
export interface TorchTensor {
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Bytes per number, by the kinds of storage that a pickle may name. */
export const bytesOfKind = {
  FloatStorage: 4,
  DoubleStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
} as const;

export type StorageKind = keyof typeof bytesOfKind;

/** The declared storage. Throws unless its file holds exactly the declared bytes. */
export function checkedStorage(kind: StorageKind, key: unknown, count: unknown, archive: TorchArchive): TorchStorage {
  if (typeof key !== "string" || !isCount(count)) throw new Error("a storage has no proper key or count");
  const bytes = archive.storages.get(key)?.length;
  if (bytes !== count * bytesOfKind[kind]) {
    const declared = `storage ${JSON.stringify(key)} declares ${count} numbers of torch.${kind}`;
    throw new Error(`${declared}, its file holds ${bytes ?? "no"} bytes`);
  }
  return { kind, key, count };
}

/** The declared tensor. Throws if it reaches outside its storage or repeats numbers. */
export function checkedTensor(storage: TorchStorage, offset: unknown, shape: unknown, strides: unknown): TorchTensor {
  if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length) {
    throw new Error(`a tensor on storage ${JSON.stringify(storage.key)} has no proper offset, shape or strides`);
  }
  const count = sizeOf(shape);
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), offset);
  if (count > storage.count || (count > 0 && last >= storage.count)) {
    const limit = `the ${storage.count} numbers of storage ${JSON.stringify(storage.key)}`;
    throw new Error(`a tensor of shape [${shape.join(", ")}] reaches beyond ${limit}`);
  }
  return { storage, offset, shape: [...shape], strides: [...strides] };
}

/** The number of values in an array of this shape. */
function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * The values of a tensor, row-major; null if they are whole numbers. The result is a view of the
 * archive if that holds them as row-major 32-bit floats, otherwise a copy.
 */
export function floatsOf(
  { storage, offset, shape, strides }: TorchTensor,
  { storages }: TorchArchive,
): Float32Array | null {
  const bytes = storages.get(storage.key);
  const source = bytes === undefined ? null : numbersOf(storage, bytes);
  if (source === null) return null;
  const count = sizeOf(shape);
  if (!isRowMajor(shape, strides)) return gather(source, offset, shape, strides);
  const window = source.subarray(offset, offset + count);
  return window instanceof Float32Array ? window : Float32Array.from(window);
}

function numbersOf({ kind, count }: TorchStorage, bytes: Uint8Array): Float32Array | Float64Array | null {
  if (kind === "FloatStorage") return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  if (kind === "DoubleStorage") return new Float64Array(bytes.buffer, bytes.byteOffset, count);
  if (kind === "HalfStorage") return decodeFloats(new Uint8Array(bytes), half);
  if (kind === "BFloat16Storage") return decodeFloats(new Uint8Array(bytes), brain);
  return null;
}

const half: ElementType = { code: "HalfStorage", kind: "float", bytes: 2, bigEndian: false };
const brain: ElementType = { code: "BFloat16Storage", kind: "brain", bytes: 2, bigEndian: false };

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  return shape.every((length, axis) => length <= 1 || strides[axis] === sizeOf(shape.slice(axis + 1)));
}

/** A row-major copy of a strided window. */
function gather(
  source: Float32Array | Float64Array,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array {
  const result = new Float32Array(sizeOf(shape));
  for (let i = 0; i < result.length; i++) {
    let position = offset;
    for (let axis = shape.length - 1, rest = i; axis >= 0; axis--) {
      const length = shape[axis] ?? 1;
      position += (rest % length) * (strides[axis] ?? 0);
      rest = Math.floor(rest / length);
    }
    result[i] = source[position] ?? Number.NaN;
  }
  return result;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 8 && value.every(isCount);
}
