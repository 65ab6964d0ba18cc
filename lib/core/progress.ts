import { writeSync } from "node:fs";

/** What a running step reports: how far it is (0 to 1), and words such as "epoch 3/15 loss 1.23". */
export interface Progress {
  readonly report: (share: number, words: string) => void;
}

/** A line of progress. */
export interface ProgressLine {
  readonly show: (text: string) => void;
  /** Ends with a line that stays. */
  readonly keep: (text: string) => void;
}

/** Where progress goes: a terminal or a notebook's output, where a line overwrites itself, or a log, with a line every ten seconds. */
export type ProgressPlace = "terminal" | "log" | "notebook";

/** The progress line of this process. Terminal and log are standard error's descriptor, past what a notebook records. */
export function progressLine(place: ProgressPlace): ProgressLine {
  const overwrites = place !== "log";
  const write = (text: string): void => void (place === "notebook" ? process.stdout.write(text) : writeSync(2, text));
  let last = 0;
  return {
    show: (text) => {
      if (performance.now() - last < (overwrites ? 200 : 10_000)) return;
      last = performance.now();
      write(overwrites ? `\r${text.padEnd(100)}` : `${text}\n`);
    },
    keep: (text) => write(overwrites ? `\r${text.padEnd(100)}\n` : `${text}\n`),
  };
}

/** Seconds as "1:05" or "2:03:07". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** Shows how many of `total` a piece of work has done, how fast it is and the time left; at the end, how long it took. */
export function rowProgress(
  line: ProgressLine,
  { words, total, from = 0 }: { readonly words: string; readonly total: number; readonly from?: number },
): (done: number) => void {
  const start = performance.now();
  return (done) => {
    const seconds = (performance.now() - start) / 1000;
    if (done === total) return line.keep(`${words} ${done}/${total} in ${clock(seconds)}`);
    const rate = (done - from) / seconds;
    const left = done > from ? ` · ${Math.round(rate)}/s · ${clock((total - done) / rate)} left` : "";
    line.show(`${words} ${done}/${total}${left}`);
  };
}
