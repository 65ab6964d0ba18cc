import type { Summary } from "../experiments/result";

/** A cell to which no figure applies. */
export const notApplicable: string = "—";

/** A cell whose figure was published but is not known here. */
export const notAvailable: string = "not available";

/** One decimal, with a true minus sign and no negative zero: `73.4`, `−3.1`, `0.0`. */
export function percentText(percent: number): string {
  const digits = Math.abs(percent).toFixed(1);
  return percent < 0 && digits !== "0.0" ? `−${digits}` : digits;
}

/** `73.4 ± 0.6` over several seeds, `73.4` for one. */
export function summaryText({ mean, sd }: Summary): string {
  return sd === null ? percentText(mean) : `${percentText(mean)} ± ${percentText(sd)}`;
}
