import { writeSync } from "node:fs";
import { setting } from "./paths";
import { clock, timeLeft } from "./progress/time-left";

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

/** How a place takes a text that the next one replaces, and one that stays. */
interface Writer {
  /** Milliseconds between two texts that are shown. */
  readonly pause: number;
  readonly replace: (text: string) => void;
  readonly end: (text: string) => void;
}

/**
 * The progress line of this process. In a terminal or a log it is written to the descriptor of
 * standard error, which a notebook does not record.
 */
export function progressLine(place: ProgressPlace): ProgressLine {
  const { pause, replace, end } = writers[place]();
  let last = Number.NEGATIVE_INFINITY;
  return {
    show: (text) => {
      if (performance.now() - last < pause) return;
      last = performance.now();
      replace(text);
    },
    keep: end,
  };
}

/** The place of this process's own progress: a terminal, or a log if standard error is not one. */
export function ownPlace(): ProgressPlace {
  return process.stderr.isTTY ? "terminal" : "log";
}

const writers: Readonly<Record<ProgressPlace, () => Writer>> = { terminal, log, notebook };

// Erases what stands between the cursor and the end of the line.
const erase = "\x1b[K";

/** Whether this process's terminal shows a text that is to be replaced. */
let isShown = false;

function terminal(): Writer {
  return {
    pause: 200,
    replace: (text) => {
      isShown = true;
      writeIfPossible(`\r${onOneLine(text, terminalWidth() - 1)}${erase}`);
    },
    end: (text) => {
      isShown = false;
      writeIfPossible(`\r${text}${erase}\n`);
    },
  };
}

/** Erases a terminal's line of progress, if there is one, where something else follows. */
export function clearProgress(): void {
  if (isShown) writeIfPossible(`\r${erase}`);
  isShown = false;
}

function log(): Writer {
  const line = (text: string): void => writeIfPossible(`${text}\n`);
  return { pause: 10_000, replace: line, end: line };
}

const notebookWidth = 100;

/**
 * A notebook does not erase: a shorter text is followed by spaces where the last one was longer.
 */
function notebook(): Writer {
  let shown = 0;
  const write = (text: string, end: string): void => {
    process.stdout.write(`\r${text.padEnd(shown)}${end}`);
    shown = end === "" ? text.length : 0;
  };
  return { pause: 200, replace: (text) => write(onOneLine(text, notebookWidth), ""), end: (text) => write(text, "\n") };
}

/** The terminal's width now. A notebook's kernel is told it by the command that started it. */
export function terminalWidth(): number {
  return process.stderr.columns || Number(setting("FCT_COLUMNS")) || 80;
}

/** A text of parts, divided by " · ", of which the longest is cut if they do not fit in `width`. */
function onOneLine(text: string, width: number): string {
  const excess = text.length - width;
  if (excess <= 0) return text;
  const parts = text.split(" · ");
  const longest = parts.reduce((long, part) => (part.length > long.length ? part : long), "");
  const kept = longest.length - excess - 1;
  return kept > 0 ? text.replace(longest, `${longest.slice(0, kept)}…`) : `${text.slice(0, width - 1)}…`;
}

/** A full disk or a closed terminal must not end hours of work for a line of progress. */
function writeIfPossible(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody can be told.
  }
}

/** Shows rows done of `total`, rows per second and the time left; once, at the end, the time. */
export function rowProgress(
  line: ProgressLine,
  { words, total, from = 0 }: { readonly words: string; readonly total: number; readonly from?: number },
): (done: number) => void {
  const start = performance.now();
  const left = timeLeft();
  left.report({ done: from, total });
  let over = false;
  return (done) => {
    if (over) return;
    over = done === total;
    const seconds = (performance.now() - start) / 1000;
    if (over) return line.keep(`${words} ${done}/${total} in ${clock(seconds)}`);
    const speed = done > from ? ` · ${Math.round((done - from) / seconds)}/s` : "";
    line.show(`${words} ${done}/${total}${speed}${left.report({ done, total })}`);
  };
}
