import { wholeNumber } from "../core/check";
import { type GalleryQuality, measured, type QualitySample } from "./quality";
import type { GalleryView } from "./view";

/** The quality of searches when a share of the items has the current model's own vectors. */
export type QualityPoint = GalleryQuality & { readonly own: number; readonly share: number };

interface Curve {
  readonly passed: (replaced: number) => void;
  readonly ended: () => readonly QualityPoint[];
}

/** Measures searches while items are replaced: at first, after every so many, and at last. */
export function curveOf(
  { view, left }: { readonly view: () => GalleryView; readonly left: () => number },
  { sample, measureEvery }: { readonly sample?: QualitySample; readonly measureEvery?: number },
): Curve {
  const points: QualityPoint[] = [];
  const every = measureEvery ?? Math.max(1, Math.ceil(left() / 10));
  wholeNumber("items between two measures", every, { least: 1 });
  let at = 0;
  let last = -1;
  const measure = (replaced: number): void => {
    if (sample === undefined || replaced === last) return;
    const seen = view();
    const own = seen.ids.length - left();
    points.push({ ...measured(seen, sample), own, share: own / seen.ids.length });
    last = replaced;
  };
  measure(0);
  return {
    passed: (replaced) => {
      at = replaced;
      if (replaced - Math.max(0, last) >= every) measure(replaced);
    },
    ended: () => {
      measure(at);
      return points;
    },
  };
}
