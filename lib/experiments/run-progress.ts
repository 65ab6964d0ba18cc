import { clock, type ProgressLine } from "../core/progress";
import type { CacheOptions, Request } from "../core/step";

/** The callbacks of `cached` that keep a line of progress: rows done, the running step, its words, the time left for all. */
export function runProgress(
  line: ProgressLine,
  pending: readonly Request[],
  rows: { readonly total: number; readonly done: () => number },
): Pick<CacheOptions, "warn" | "started" | "finished" | "progress"> {
  const start = performance.now();
  const waiting = new Map(pending.map(({ key, cost }) => [key, cost]));
  let running: Request | null = null;
  let spent = 0;
  const timeLeft = (share: number): string => {
    const soFar = spent + share * (running?.cost ?? 0);
    const rest = [...waiting.values()].reduce((sum, cost) => sum + cost, 0) - share * (running?.cost ?? 0);
    const seconds = (performance.now() - start) / 1000;
    return soFar > 0 ? `${clock((seconds * rest) / soFar)} left` : "";
  };
  return {
    warn: (message) => line.keep(`warning: ${message}`),
    started: (request) => {
      running = request;
    },
    finished: (request) => {
      spent += request.cost;
      waiting.delete(request.key);
      line.keep(`rows ${rows.done()}/${rows.total} · ${request.label}: done`);
    },
    progress: {
      report: (share, words) => {
        line.show(`rows ${rows.done()}/${rows.total} · ${running?.label} · ${words} · ${timeLeft(share)}`);
      },
    },
  };
}
