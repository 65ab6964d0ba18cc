import { writeSync } from "node:fs";
import { isatty } from "node:tty";

/** What a running step reports: how far it is (0 to 1), and words such as "epoch 3/15 loss 1.23". */
export interface Progress {
  readonly report: (share: number, words: string) => void;
}

/** A line of progress that overwrites itself on a terminal and in a notebook, and comes every ten seconds in a file. */
export interface ProgressLine {
  readonly show: (text: string) => void;
  /** Ends with a line that stays. */
  readonly keep: (text: string) => void;
}

/** The progress line of this process: on standard error's descriptor, past what a notebook records, or on standard output. */
export function progressLine(where: "terminal" | "notebook"): ProgressLine {
  const overwrites = where === "notebook" || isatty(2);
  const write = (text: string): void => void (where === "terminal" ? writeSync(2, text) : process.stdout.write(text));
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
