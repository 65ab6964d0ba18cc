/** Throws RangeError, naming `what`, unless `value` is in [0, 1). */
export function requireShare(what: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new RangeError(`${what} ${value}: allowed is [0, 1)`);
}
