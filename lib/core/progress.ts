/** What a running step reports: how far it is (0 to 1), and words such as "epoch 3/15 loss 1.23". */
export interface Progress {
  readonly report: (share: number, words: string) => void;
}

/** Reports to nobody. */
export const silent: Progress = { report: () => {} };

/** Seconds as "1:05" or "2:03:07". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}
