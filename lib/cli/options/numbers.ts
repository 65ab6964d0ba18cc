import { InvalidArgumentError } from "commander";

/** A parser of whole numbers in a range, whose errors commander prints. */
export function wholeNumberIn(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`;
    throw new InvalidArgumentError(`A whole number, ${range}, is allowed.`);
  };
}

/** A number above 0. Throws InvalidArgumentError, which commander prints. */
export function positiveNumber(text: string): number {
  const value = /^\d*\.?\d+(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("A number above 0 is allowed.");
}

/** MiB to bytes. Throws InvalidArgumentError, which commander prints, if not a whole number. */
export function mebibytes(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text) * 2 ** 20;
  throw new InvalidArgumentError("A whole number of MiB, at least 1, is allowed.");
}

/** Whole numbers of at least 1, divided by commas. Throws InvalidArgumentError. */
export function numbersFrom1(text: string): readonly number[] {
  return [...new Set(text.split(",").map(wholeNumberIn(1)))].sort((a, b) => a - b);
}

/** "3/20", the third of twenty. Throws InvalidArgumentError. */
export function oneOfSeveral(text: string): { readonly index: number; readonly of: number } {
  const [, index = "0", of = "0"] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (Number(index) >= 1 && Number(index) <= Number(of)) return { index: Number(index), of: Number(of) };
  throw new InvalidArgumentError("The number of a shard and of all shards is allowed, such as 3/20.");
}

const units: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** A size such as 64MiB to bytes. Throws InvalidArgumentError, which commander prints. */
export function bytesOfSize(text: string): number {
  const [, count = "", unit = ""] = /^([1-9]\d{0,5})(KiB|MiB|GiB)$/.exec(text) ?? [];
  const bytes = Number(count) * (units[unit] ?? 0);
  if (bytes > 0) return bytes;
  throw new InvalidArgumentError("A whole number with KiB, MiB or GiB is allowed, such as 64MiB.");
}
