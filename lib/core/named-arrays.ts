/** Values of any shape, row-major. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Arrays by name: a network's weights, a training state, embeddings. */
export type NamedArrays = Readonly<Record<string, NamedArray>>;

/** The array called `name`; throws naming it and what there is. */
export function arrayNamed(arrays: NamedArrays, name: string): NamedArray {
  const array = arrays[name];
  if (array === undefined) throw new Error(`no array is called ${name}; there are ${Object.keys(arrays).join(", ")}`);
  return array;
}
