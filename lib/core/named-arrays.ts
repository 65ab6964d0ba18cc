/** An array of any shape, row-major. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Arrays by name, such as the weights of a network, the state of a training, or embeddings. */
export type NamedArrays = Readonly<Record<string, NamedArray>>;

/** The array called `name`. Throws, with the names there are, if it is missing. */
export function arrayNamed(arrays: NamedArrays, name: string): NamedArray {
  const array = arrays[name];
  if (array === undefined) throw new Error(`no array is called ${name}; there are ${Object.keys(arrays).join(", ")}`);
  return array;
}
