import { isSafetensors, readHeader } from "../core/artifacts/safetensors";
import { InputError } from "../core/input-error";
import { safetensorsElementType } from "./element-type";
import { isNpy, npyArray } from "./npy";
import { lookInto, nameOf, type OpenedFile, type StoredArray, shapeText } from "./stored-array";

/** Which arrays are looked for, and what messages call them, such as "2-d array of floats". */
export interface Wanted {
  readonly fits: (array: StoredArray) => boolean;
  /** Whether an array will do that is named, or the only one; those that fit, by default. */
  readonly mayFit?: (array: StoredArray) => boolean;
  readonly description: string;
  /** What to do about an array that does not fit, if there is a common mistake behind it. */
  readonly remedy?: (array: StoredArray) => string | undefined;
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
    if (name !== undefined) {
      throw new InputError({ file: path, fault: "is an NPY file of one array", remedy: `name it without #${name}` });
    }
    return fitting(npyArray(file), wanted);
  });
}

function fitting(array: StoredArray, { fits, mayFit = fits, description, remedy }: Wanted): StoredArray {
  if (mayFit(array)) return array;
  const advice = remedy?.(array);
  throw new InputError({
    file: nameOf(array),
    fault: `holds ${described(array)}: a ${description} is allowed`,
    ...(advice === undefined ? {} : { remedy: advice }),
  });
}

function inSafetensors(file: OpenedFile, name: string | undefined, wanted: Wanted): StoredArray {
  return chosenArray({ path: file.path, ...safetensorsContent(file) }, name, wanted);
}

/** The arrays of a file, and names of those that are not read. */
interface Arrays extends Pick<SafetensorsContent, "arrays" | "others"> {
  readonly path: string;
}

/** The array called `name`, or the only one that fits. Throws InputError, with what there is. */
export function chosenArray({ path, arrays, others }: Arrays, name: string | undefined, wanted: Wanted): StoredArray {
  const { fits, mayFit = fits, description } = wanted;
  const refuse = (fault: string): InputError => new InputError({ file: path, fault });
  const all = [...arrays.map((array) => `${array.name} (${described(array)})`), ...others].join(", ") || "nothing";
  if (name === undefined) {
    const best = arrays.some(fits) ? arrays.filter(fits) : arrays.filter(mayFit);
    const [first, ...more] = best;
    if (first !== undefined && more.length === 0) return first;
    const count = first === undefined ? "no" : "more than one";
    const [only, ...rest] = arrays;
    const isAlone = rest.length === 0 && others.length === 0;
    if (first === undefined && only !== undefined && isAlone) return fitting(only, wanted);
    throw refuse(`has ${count} ${description}; name one as ${path}#name. It holds ${all}`);
  }
  const named = arrays.find((array) => array.name === name);
  if (named === undefined) throw refuse(`has no array ${name}. It holds ${all}`);
  return fitting(named, wanted);
}

function described({ type, shape }: StoredArray): string {
  return `${type.code}, ${shapeText(shape)}`;
}

/** Throws, with a remedy for common mistakes, unless the file may be safetensors. */
function refuseOthers(path: string, start: Uint8Array): void {
  const [first, second = 0] = start;
  if (first === undefined) throw new InputError({ file: path, fault: "is an empty file" });
  if (first === 0x50 && second === 0x4b) {
    throw new InputError({
      file: path,
      fault: "is a zip archive (NPZ or PyTorch)",
      remedy: `call it .npz if it is one, or save one array, ${saving}`,
    });
  }
  if (first === 0x80 && second >= 2 && second <= 5) {
    const fault = "is a Python pickle, which is not read because it may run code";
    throw new InputError({ file: path, fault, remedy: `save the array, ${saving}` });
  }
  if (path.endsWith(".safetensors")) return;
  const fault = "is neither an NPY file nor called .safetensors, .npz, .csv, .tsv or .parquet";
  throw new InputError({ file: path, fault, remedy: saving });
}

const saving = 'np.save("array.npy", a)';

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
  const refuse = (reason: string): InputError =>
    new InputError({ file: path, fault: `is not a valid safetensors file: ${reason}` });
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
