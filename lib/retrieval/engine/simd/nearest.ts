import { at32 } from "./addresses";
import { keep, stopped } from "./keep";

/** The least score that `nearest` looks at; it only rises. */
export let bound: f32 = 0;

/**
 * Keeps the `k` largest scores and those within `slack` of them: appends to `toScores` and
 * `toItems` as `keep` does, and drops what has fallen behind. Returns how many are kept now, or -1
 * if too many are too close to tell.
 */
export function nearest(
  scores: usize,
  count: i32,
  first: i32,
  toScores: usize,
  toItems: usize,
  kept: i32,
  room: i32,
  k: i32,
  slack: f32,
  least: f32,
): i32 {
  bound = least;
  let at = 0;
  while (true) {
    kept = keep(at32(scores, at), count - at, bound, first + at, toScores, toItems, kept, room);
    at += stopped;
    if (at == count) return kept;
    kept = prune(toScores, toItems, kept, k, slack);
    if (kept > room >> 1) return -1;
  }
}

/**
 * Drops those of `kept` scores, at least `k`, that are more than `slack` below about the k-th
 * largest: that is the new bound. Keeps the order. Returns how many are left.
 */
export function prune(scores: usize, items: usize, kept: i32, k: i32, slack: f32): i32 {
  bound = about(scores, kept, k) - slack;
  let left = 0;
  for (let at = 0; at < kept; at++) {
    const score = load<f32>(at32(scores, at));
    store<f32>(at32(scores, left), score);
    store<i32>(at32(items, left), load<i32>(at32(items, at)));
    left += i32(score >= bound);
  }
  return left;
}

/**
 * A value that at least `k` of the scores reach, and hardly more than k if halving the range 32
 * times can tell them apart.
 */
function about(scores: usize, count: i32, k: i32): f32 {
  let low = Infinity as f32;
  let high = -Infinity as f32;
  for (let at = 0; at < count; at++) {
    const score = load<f32>(at32(scores, at));
    low = min(low, score);
    high = max(high, score);
  }
  let reached = count;
  for (let halving = 0; halving < 32 && reached > k + (k >> 4); halving++) {
    const middle = low + (high - low) / 2;
    const there = atLeast(scores, count, middle);
    if (there < k) high = middle;
    else {
      low = middle;
      reached = there;
    }
  }
  return low;
}

function atLeast(scores: usize, count: i32, bound: f32): i32 {
  const bounds = f32x4.splat(bound);
  let sums = i32x4.splat(0);
  let at = 0;
  for (; at + 4 <= count; at += 4) sums = i32x4.sub(sums, f32x4.ge(v128.load(at32(scores, at)), bounds));
  let sum =
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
  for (; at < count; at++) sum += i32(load<f32>(at32(scores, at)) >= bound);
  return sum;
}
