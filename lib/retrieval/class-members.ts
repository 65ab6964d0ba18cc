/** For each label the indices of its items, ascending. */
export function classMembers(labels: ArrayLike<number>): ReadonlyMap<number, Int32Array> {
  const lists = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? Number.NaN;
    const list = lists.get(label);
    if (list === undefined) lists.set(label, [i]);
    else list.push(i);
  }
  return new Map([...lists].map(([label, list]) => [label, Int32Array.from(list)]));
}
