/** Ticks from 0 to at most `highest` in steps of 1, 2 or 5 times a power of ten, two to five steps; only 0 where nothing is higher. */
export function ticksUpTo(highest: number): readonly number[] {
  if (!(highest > 0)) return [0];
  const power = 10 ** Math.floor(Math.log10(highest / 2));
  const step = power * ([5, 2].find((factor) => factor * power <= highest / 2) ?? 1);
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}
