import { isSafetensors, readHeader } from "../core/artifacts/safetensors";
import { safetensorsElementType } from "./element-type";
import { isNpy, npyArray } from "./npy";
import { lookInto, type OpenedFile, type StoredArray, shapeText } from "./stored-array";

/** Which arrays are looked for, and what messages call them, such as "2-d array of floats". */
interface Wanted {
  readonly fits: (array: StoredArray) => boolean;
  readonly description: string;
}

/**
 * The array that `place` names: an NPY file, a safetensors file with a single array that fits, or
 * "file.safetensors#name". The first bytes tell the two formats apart. Throws if no array fits, or
 * more than one.
 */
export function findArray(place: string, wanted: Wanted): StoredArray {
  const [, path = place, name] = /^(.+\.safetensors)#(.+)$/.exec(place) ?? [];
  return lookInto(path, (file) => {
    const start = file.read(0, Math.min(file.bytes, 9));
    if (!isNpy(start)) {
      if (!isSafetensors(start)) refuseOthers(path, start);
      return inSafetensors(file, name, wanted);
    }
    if (name !== undefined) throw new Error(`${path} is an NPY file of one array: name it without #${name}`);
    const array = npyArray(file);
    if (!wanted.fits(array)) throw new Error(`${path} holds ${described(array)}: a ${wanted.description} is allowed`);
    return array;
  });
}

function inSafetensors(file: OpenedFile, name: string | undefined, { fits, description }: Wanted): StoredArray {
  const { arrays, others } = safetensorsContent(file);
  const all = [...arrays.map((array) => `${array.name} (${described(array)})`), ...others].join(", ") || "nothing";
  if (name === undefined) {
    const [first, ...more] = arrays.filter(fits);
    if (first !== undefined && more.length === 0) return first;
    const count = first === undefined ? "no" : "more than one";
    throw new Error(`${file.path} has ${count} ${description}; name one as ${file.path}#name. It holds ${all}`);
  }
  const named = arrays.find((array) => array.name === name);
  if (named === undefined) throw new Error(`${file.path} has no array ${name}. It holds ${all}`);
  if (!fits(named)) throw new Error(`${file.path}#${name} is ${described(named)}: a ${description} is allowed`);
  return named;
}

function described({ type, shape }: StoredArray): string {
  return `${type.code}, ${shapeText(shape)}`;
}

/** Throws, with a remedy for common mistakes, unless the file may be safetensors. */
function refuseOthers(path: string, start: Uint8Array): void {
  const [first, second = 0] = start;
  if (first === undefined) throw new Error(`${path} is an empty file`);
  if (first === 0x50 && second === 0x4b) {
    throw new Error(`${path} is a zip archive (NPZ or PyTorch): save one array, np.save("array.npy", a)`);
  }
  if (first === 0x80 && second >= 2 && second <= 5) {
    throw new Error(`${path} is a Python pickle, which is not read because it may run code: np.save("array.npy", a)`);
  }
  if (!path.endsWith(".safetensors")) throw new Error(`${path} is neither an NPY file nor called .safetensors`);
}

/** The contents of a safetensors file. */
interface SafetensorsContent {
  readonly arrays: readonly StoredArray[];
  /** Names and types of arrays whose type is not read, such as 8-bit floats. */
  readonly others: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a safetensors file holds, by its header. Throws if the header is malformed. */
export function safetensorsContent(file: OpenedFile): SafetensorsContent {
  const { path } = file;
  const refuse = (reason: string): Error => new Error(`${path} is not a valid safetensors file: ${reason}`);
  const header = readHeader(file, refuse);
  const arrays: StoredArray[] = [];
  const others: string[] = [];
  for (const { name, dtype, shape, offset } of header.arrays) {
    const type = safetensorsElementType(dtype);
    if (type === null) others.push(`${name} (${dtype})`);
    else arrays.push({ path, name, shape, type, columnMajor: false, offset });
  }
  return { arrays, others, metadata: header.metadata };
}
