import { writeSync } from "node:fs";

/** Takes the reports of a running step: the share done (0 to 1), and words such as "epoch 3/15". */
export interface Progress {
  readonly report: (share: number, words: string) => void;
}

/** A line that tells how far a piece of work is. */
export interface ProgressLine {
  /** Replaces the line; a text that comes too soon after the last one is skipped. */
  readonly show: (text: string) => void;
  /** Ends the line with a text that stays. */
  readonly keep: (text: string) => void;
}

/**
 * Where progress is shown: in a terminal or in the output of a notebook, where the line overwrites
 * itself, or in a log, which gets a line every ten seconds.
 */
export type ProgressPlace = "terminal" | "log" | "notebook";

/**
 * The progress line of this process. In a terminal or a log it is written to the descriptor of
 * standard error, which a notebook does not record.
 */
export function progressLine(place: ProgressPlace): ProgressLine {
  const overwrites = place !== "log";
  const write = place === "notebook" ? (text: string) => void process.stdout.write(text) : writeIfPossible;
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

/** A full disk or a closed terminal must not end hours of work for a line of progress. */
function writeIfPossible(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody can be told.
  }
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

/** What the time left is estimated from: work that took the time since `start`, and work to do. */
interface Pace {
  /** In milliseconds of performance.now(). */
  readonly start: number;
  readonly done: number;
  readonly rest: number;
}

/**
 * The estimated time left as " · 1:05 left", to end a line of progress; empty before any is done.
 */
export function timeLeft({ start, done, rest }: Pace): string {
  const seconds = (performance.now() - start) / 1000;
  return done > 0 ? ` · ${clock((seconds * rest) / done)} left` : "";
}

/** Shows rows done of `total`, rows per second and the time left; at the end, the time taken. */
export function rowProgress(
  line: ProgressLine,
  { words, total, from = 0 }: { readonly words: string; readonly total: number; readonly from?: number },
): (done: number) => void {
  const start = performance.now();
  return (done) => {
    const seconds = (performance.now() - start) / 1000;
    if (done === total) return line.keep(`${words} ${done}/${total} in ${clock(seconds)}`);
    const speed = done > from ? ` · ${Math.round((done - from) / seconds)}/s` : "";
    line.show(`${words} ${done}/${total}${speed}${timeLeft({ start, done: done - from, rest: total - done })}`);
  };
}
