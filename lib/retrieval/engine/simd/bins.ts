import { at32 } from "./addresses";

/**
 * Writes what `count` looks up for every cell. `slots`: 16 times k if the whole cell lies between
 * threshold k - 1 and k, or 16 times `thresholds` if it touches a threshold. `nearest`: the first
 * threshold that it touches. Threshold k takes up the cells from lower[k] to upper[k], both
 * ascending.
 */
export function fillTable(slots: usize, nearest: usize, cells: i32, lower: usize, upper: usize, thresholds: i32): void {
  let cell = 0;
  for (let k = 0; k < thresholds; k++) {
    const from = min(<i32>load<f32>(at32(lower, k)), cells);
    const end = min(<i32>min(load<f32>(at32(upper, k)), <f32>cells) + 1, cells);
    for (; cell < from; cell++) store<i32>(at32(slots, cell), k << 4);
    for (; cell < end; cell++) {
      store<i32>(at32(slots, cell), thresholds << 4);
      store<i32>(at32(nearest, cell), k);
    }
  }
}

/**
 * Counts scores by the tables of `fillTable`. Score s lies in cell start - slope * s, kept within 0
 * and `last`. `counts` has room for four numbers for each threshold and four more; the sums end up
 * in the first ones. Overwrites `items` with those that lie within the bounds of a threshold, and
 * returns their number.
 */
export function count(
  scores: usize,
  items: usize,
  kept: i32,
  start: f32,
  slope: f32,
  last: f32,
  slots: usize,
  nearest: usize,
  lower: usize,
  upper: usize,
  thresholds: i32,
  counts: usize,
  open: usize,
): i32 {
  memory.fill(counts, 0, (<usize>thresholds + 1) << 4);
  const starts = f32x4.splat(start);
  const slopes = f32x4.splat(slope);
  const lasts = f32x4.splat(last);
  const zeros = f32x4.splat(0);
  const touching = thresholds << 4;
  let opened = open;
  let at = 0;
  for (; at + 4 <= kept; at += 4) {
    const places = f32x4.sub(starts, f32x4.mul(slopes, v128.load(at32(scores, at))));
    const cells = i32x4.shl(i32x4.trunc_sat_f32x4_s(f32x4.pmax(zeros, f32x4.pmin(lasts, places))), 2);
    opened += enter(i32x4.extract_lane(cells, 0), slots, counts, touching, at, opened);
    opened += enter(i32x4.extract_lane(cells, 1), slots, counts + 4, touching, at + 1, opened);
    opened += enter(i32x4.extract_lane(cells, 2), slots, counts + 8, touching, at + 2, opened);
    opened += enter(i32x4.extract_lane(cells, 3), slots, counts + 12, touching, at + 3, opened);
  }
  for (; at < kept; at++) {
    const place = placeOf(load<f32>(at32(scores, at)), start, slope, last);
    opened += enter((<i32>place) << 2, slots, counts, touching, at, opened);
  }
  let pending = 0;
  for (let from = open; from < opened; from += 4) {
    const index = load<i32>(from);
    const place = placeOf(load<f32>(at32(scores, index)), start, slope, last);
    let k = load<i32>(at32(nearest, <i32>place));
    while (place > load<f32>(at32(upper, k))) k++;
    const decided = i32(place < load<f32>(at32(lower, k)));
    const counter = counts + ((<usize>k) << 4);
    store<i32>(counter, load<i32>(counter) + decided);
    store<i32>(at32(items, pending), load<i32>(at32(items, index)));
    pending += 1 - decided;
  }
  for (let k = 0; k < thresholds; k++) {
    const four = counts + ((<usize>k) << 4);
    const sum = load<i32>(four) + load<i32>(four, 4) + load<i32>(four, 8) + load<i32>(four, 12);
    store<i32>(at32(counts, k), sum);
  }
  return pending;
}

function placeOf(score: f32, start: f32, slope: f32, last: f32): f32 {
  return max<f32>(0, min(last, start - slope * score));
}

/**
 * Counts a score in its slot and notes it in the list of open scores. Returns the bytes by which
 * that list grows: 4 if the cell touches a threshold, otherwise 0, so that the next note overwrites
 * this one.
 */
function enter(cell: usize, slots: usize, counts: usize, touching: usize, at: i32, opened: usize): usize {
  const slot = <usize>load<i32>(slots + cell);
  const counter = counts + slot;
  store<i32>(counter, load<i32>(counter) + 1);
  store<i32>(opened, at);
  return usize(slot == touching) << 2;
}
