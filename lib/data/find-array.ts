import { isNpy, npyArray } from "./npy";
import { safetensorsContent } from "./safetensors";
import { lookInto, type OpenedFile, type StoredArray, shapeText } from "./stored-array";

/** What is looked for: `fits` says which arrays may be meant, `description` what they are, such as "2-d array of floats". */
export interface Wanted {
  readonly fits: (array: StoredArray) => boolean;
  readonly description: string;
}

/**
 * The array that `place` names: an NPY file, a safetensors file with a single array that fits, or "file.safetensors#name".
 * Told apart by their first bytes. Throws where there is none, or more than one.
 */
export function findArray(place: string, wanted: Wanted): StoredArray {
  const [, path = place, name] = /^(.+\.safetensors)#(.+)$/.exec(place) ?? [];
  return lookInto(path, (file) => {
    const start = file.read(0, Math.min(file.bytes, 6));
    refuseOthers(path, start, file.bytes);
    if (!isNpy(start)) {
      if (!path.endsWith(".safetensors")) throw new Error(`${path} is neither an NPY file nor called .safetensors`);
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

/** Files that are often mistaken for an array, by their first bytes. */
function refuseOthers(path: string, start: Uint8Array, bytes: number): void {
  if (bytes === 0) throw new Error(`${path} is an empty file`);
  if (start[0] === 0x50 && start[1] === 0x4b) {
    throw new Error(`${path} is a zip archive (NPZ or PyTorch): save one array, np.save("array.npy", a)`);
  }
  if (start[0] === 0x80 && bytes > 1 && (start[1] ?? 9) <= 5) {
    throw new Error(`${path} is a Python pickle, which is not read because it may run code: np.save("array.npy", a)`);
  }
}
