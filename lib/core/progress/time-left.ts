/** Seconds as "1:05" or "2:03:07". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** Work of any one unit: how much is done and how much there is. */
interface Amount {
  readonly done: number;
  readonly total: number;
  /**
   * Pieces of the work that have not begun, each of which has to be prepared first; 0 if absent.
   */
  readonly toBegin?: number;
}

/** Estimates the time left from the speed so far. */
export interface TimeLeft {
  /**
   * A piece begins. Its time until the next report is preparation and says nothing of its speed.
   */
  readonly begin: () => void;
  /** The time left as " · 1:05 left", to end a line of progress; empty while it is unknown. */
  readonly report: (amount: Amount) => string;
}

// The speed of less work than this share of all is chance: of a cache that fills, of a first batch.
const leastShare = 0.03;

/**
 * An estimate of the time left. The speed is the mean over all the work since the first report;
 * what is spent on preparing pieces, such as loading data and building a graph, is averaged on its
 * own. Nothing is estimated before 3 % of the work has been done under its eyes.
 */
export function timeLeft(): TimeLeft {
  const working = { seconds: 0, done: 0 };
  const preparing = { seconds: 0, pieces: 0 };
  let last: { readonly time: number; readonly done: number } | null = null;
  let begun: number | null = null;
  return {
    begin: () => {
      if (begun !== null) preparing.seconds += secondsSince(begun);
      begun = performance.now();
      preparing.pieces++;
    },
    report: ({ done, total, toBegin = 0 }) => {
      if (begun !== null) preparing.seconds += secondsSince(begun);
      else if (last !== null) {
        working.seconds += secondsSince(last.time);
        working.done += done - last.done;
      }
      begun = null;
      last = { time: performance.now(), done };
      const rest = total - done;
      if (working.done <= 0 || working.done < leastShare * (working.done + rest)) return "";
      const prepared = preparing.pieces === 0 ? 0 : (toBegin * preparing.seconds) / preparing.pieces;
      return ` · ${clock((rest * working.seconds) / working.done + prepared)} left`;
    },
  };
}

function secondsSince(time: number): number {
  return (performance.now() - time) / 1000;
}
