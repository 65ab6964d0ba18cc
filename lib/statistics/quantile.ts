/**
 * The quantile of values in ascending order at `share`, from 0 to 1: interpolated between the
 * neighbouring order statistics, as by NumPy's default. NaN if there are no values.
 */
export function quantile(ascending: Float64Array, share: number): number {
  const place = share * (ascending.length - 1);
  const below = ascending[Math.floor(place)] ?? Number.NaN;
  const above = ascending[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
