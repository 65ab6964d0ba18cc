import { clock, type ProgressLine } from "../core/progress";

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
