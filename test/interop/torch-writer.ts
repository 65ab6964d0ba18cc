import { zipOf } from "../zip-writer";

// Pickles and archives written opcode by opcode, as torch.save writes them, so that the tests can also write what it never would.

export type Pickle = readonly number[];

const text = (value: string): number[] => [...Buffer.from(value)];
const word = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
const mark = 0x28;

export const none: Pickle = [0x4e];
export const emptyTuple: Pickle = [0x29];
export const truth: Pickle = [0x88];
export const integer = (value: number): Pickle => [0x4a, ...word(value)];
export const string = (value: string): Pickle => [0x58, ...word(text(value).length), ...text(value)];
export const tuple = (...items: readonly Pickle[]): Pickle => [mark, ...items.flat(), 0x74];
export const global = (module: string, name: string): Pickle => [0x63, ...text(`${module}\n${name}\n`)];
export const call = (callable: Pickle, ...items: readonly Pickle[]): Pickle => [...callable, ...tuple(...items), 0x52];
export const build = (object: Pickle, state: Pickle): Pickle => [...object, ...state, 0x62];
export const remember = (index: number, value: Pickle): Pickle => [...value, 0x71, index];
export const recall = (index: number): Pickle => [0x68, index];

export const dictionary = (members: Readonly<Record<string, Pickle>>, start: Pickle = [0x7d]): Pickle => {
  const items = Object.entries(members).flatMap(([name, value]) => [...string(name), ...value]);
  return [...start, mark, ...items, 0x75];
};
export const orderedDictionary = (members: Readonly<Record<string, Pickle>>): Pickle =>
  dictionary(members, call(global("collections", "OrderedDict")));
/** An object of a script's class. */
export const module = (name: string, members: Readonly<Record<string, Pickle>>): Pickle =>
  build([...global("__torch__", name), ...emptyTuple, 0x81], dictionary(members));

export const storage = (key: string, count: number, kind = "FloatStorage"): Pickle => [
  ...tuple(string("storage"), global("torch", kind), string(key), string("cpu"), integer(count)),
  0x51,
];

export interface Window {
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export const tensor = (of: Pickle, { offset = 0, shape, strides }: Window): Pickle =>
  call(
    global("torch._utils", "_rebuild_tensor_v2"),
    of,
    integer(offset),
    tuple(...shape.map(integer)),
    tuple(...strides.map(integer)),
    truth,
    orderedDictionary({}),
  );

export const bytesOf = (values: Float32Array | Float64Array | BigInt64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** A zip of stored entries: data.pkl, and data/<key> for each storage. */
export function archive(
  graph: Pickle,
  storages: Readonly<Record<string, Uint8Array>> = {},
  more: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
  const data = Object.entries(storages).map(([key, bytes]) => [`weights/data/${key}`, bytes] as const);
  const pickle = Uint8Array.from([0x80, 2, ...graph, 0x2e]);
  const files = { "weights/data.pkl": pickle, ...Object.fromEntries(data), ...more };
  return zipOf(Object.entries(files).map(([name, content]) => ({ name, content, stored: true })));
}
