import type { Summary } from "../experiments/result";

/** A cell to which no figure applies. */
export const notApplicable: string = "—";

/** A cell whose figure was published but is not known here. */
export const notAvailable: string = "not available";

/** One decimal, with a true minus sign and no negative zero: `73.4`, `−3.1`, `0.0`. */
export function percentText(percent: number): string {
  return decimalText(percent, 1);
}

/** `73.4 ± 0.6` over several seeds, `73.4` for one. */
export function summaryText({ mean, sd }: Summary): string {
  return sd === null ? percentText(mean) : `${percentText(mean)} ± ${percentText(sd)}`;
}

/** A measure's number as `summaryText`, with decimals of its own; no deviation where every seed gives the same, such as a size. */
export function measureText({ mean, sd }: Summary, decimals: number): string {
  return sd === null || sd === 0
    ? decimalText(mean, decimals)
    : `${decimalText(mean, decimals)} ± ${decimalText(sd, decimals)}`;
}

function decimalText(value: number, decimals: number): string {
  const digits = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(digits) !== 0 ? `−${digits}` : digits;
}
