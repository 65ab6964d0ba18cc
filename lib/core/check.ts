/** An inclusive range of whole numbers; open above if `most` is absent. */
interface WholeRange {
  readonly least: number;
  readonly most?: number;
}

/** `value`, if it is a whole number in the range. Otherwise throws RangeError, naming the value. */
export function wholeNumber(name: string, value: number, { least, most }: WholeRange): number {
  const within = Number.isSafeInteger(value) && value >= least && value <= (most ?? value);
  if (within) return value;
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  throw unexpected(name, `a whole number ${range}`, value);
}

/** `value`, if it is finite and above zero. Otherwise throws RangeError, naming the value. */
export function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw unexpected(name, "a number above 0", value);
}

/** `value`, if it is between 0 and 1, both excluded. Otherwise throws RangeError, naming it. */
export function fraction(name: string, value: number): number {
  if (value > 0 && value < 1) return value;
  throw unexpected(name, "a number between 0 and 1", value);
}

/** `value`, if it is above 0 and at most 1. Otherwise throws RangeError, naming the value. */
export function positiveShare(name: string, value: number): number {
  if (value > 0 && value <= 1) return value;
  throw unexpected(name, "a number in (0, 1]", value);
}

/** `value`, if it is one of `allowed`. Otherwise throws RangeError, naming both. */
export function oneOf<T extends string | number>(name: string, value: string | number, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw unexpected(name, allowed.length === 1 ? `${allowed[0]}` : `one of ${allowed.join(", ")}`, value);
}

/** How many values are NaN or infinite. */
export function countNotFinite(values: Float32Array | Int32Array): number {
  let count = 0;
  // Infinity - Infinity is not a number either.
  for (let i = 0; i < values.length; i++) if ((values[i] as number) - (values[i] as number) !== 0) count++;
  return count;
}

/** By four sums at a time, twice as fast as counting: only a finite value times 0 is 0. */
function allFinite(values: Float32Array | Int32Array): boolean {
  const [fours, end] = [values.length - (values.length % 4), values.length];
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < fours; i += 4) {
    a += (values[i] as number) * 0;
    b += (values[i + 1] as number) * 0;
    c += (values[i + 2] as number) * 0;
    d += (values[i + 3] as number) * 0;
  }
  for (let i = fours; i < end; i++) a += (values[i] as number) * 0;
  return a + b + c + d === 0;
}

/** Says how many values are NaN or infinite, and which is the first; null if none is. */
export function notFinite(values: Float32Array | Int32Array): string | null {
  if (allFinite(values)) return null;
  const count = countNotFinite(values);
  const at = values.findIndex((value: number) => !Number.isFinite(value));
  return `${count} of ${values.length} values not finite, the first ${values[at]} at ${at}`;
}

/** The error of a value outside its range, in the library's one wording. */
export function unexpected(name: string, expected: string, value: unknown): RangeError {
  return new RangeError(`${name}: expected ${expected}, got ${String(value)}`);
}
