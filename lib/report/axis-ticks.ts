/** Ticks from 0 to at most `highest` in at least `steps` and less than 2.5 times as many steps of 1, 2 or 5 times a power of ten. */
export function ticksUpTo(highest: number, steps: number): readonly number[] {
  if (!(highest > 0)) return [0];
  const longest = highest / steps;
  const power = 10 ** Math.floor(Math.log10(longest));
  const step = power * ([5, 2].find((factor) => factor * power <= longest) ?? 1);
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}
