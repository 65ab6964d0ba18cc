/** For each label the indices of its items, ascending. */
export function classMembers(labels: ArrayLike<number>): ReadonlyMap<number, Int32Array> {
  const lists = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    const list = lists.get(label);
    if (list === undefined) lists.set(label, [i]);
    else list.push(i);
  }
  return new Map([...lists].map(([label, list]) => [label, Int32Array.from(list)]));
}

/** The number of items in the largest class; 1 if there is no class. */
export function largestClass(members: ReadonlyMap<number, Int32Array>): number {
  let most = 1;
  for (const items of members.values()) most = Math.max(most, items.length);
  return most;
}

const none = new Int32Array(0);

/** The items with this label, ascending; `excluded` is left out if it is one of them. */
export function matchesOf(members: ReadonlyMap<number, Int32Array>, label: number, excluded: number): Int32Array {
  const items = members.get(label) ?? none;
  const at = firstAtLeast(items, excluded);
  if (items[at] !== excluded) return items;
  const rest = new Int32Array(items.length - 1);
  rest.set(items.subarray(0, at));
  rest.set(items.subarray(at + 1), at);
  return rest;
}

/** Index of the first value that is at least `bound`; the length if there is none. */
export function firstAtLeast(ascending: Float64Array | Int32Array, bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
