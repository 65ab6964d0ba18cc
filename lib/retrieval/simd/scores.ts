// AssemblyScript: the set-up compiles this file to WebAssembly. Addresses are bytes in a memory that lib/retrieval/score-memory.ts lays
// out; the numbers there have 32 bits. Scores fall as distances grow.

/** The first address that is free. */
export function base(): usize {
  return __heap_base;
}

/** For each of 16 choices of four lanes the bytes that move the chosen to the front. */
const fronts: usize = memory.data(256, 16);

for (let choice = 0; choice < 16; choice++) {
  let to = fronts + choice * 16;
  for (let lane = 0; lane < 4; lane++) {
    if (!((choice >> lane) & 1)) continue;
    store<u32>(to, 0x03020100 + 0x04040404 * lane);
    to += 4;
  }
}

/** Where the last `keep` stopped for want of room; the number of its scores where it did not. */
let stopped: i32 = 0;

/**
 * Appends the scores of at least `bound` to `kept` that `toScores` holds, and to `toItems` their places, the first being `first`.
 * Returns how many are held now. Stops where fewer than 16 more would fit in `room`; both need 16 bytes behind it.
 */
export function keep(
  scores: usize,
  count: i32,
  bound: f32,
  first: i32,
  toScores: usize,
  toItems: usize,
  kept: i32,
  room: i32,
): i32 {
  const bounds = f32x4.splat(bound);
  let items = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  let at = 0;
  for (; at + 16 <= count; at += 16) {
    if (kept + 16 > room) {
      stopped = at;
      return kept;
    }
    const from = scores + ((<usize>at) << 2);
    const a = v128.load(from);
    const b = v128.load(from, 16);
    const c = v128.load(from, 32);
    const d = v128.load(from, 48);
    const inA = f32x4.ge(a, bounds);
    const inB = f32x4.ge(b, bounds);
    const inC = f32x4.ge(c, bounds);
    const inD = f32x4.ge(d, bounds);
    if (!v128.any_true(v128.or(v128.or(inA, inB), v128.or(inC, inD)))) continue;
    items = i32x4.add(i32x4.splat(first + at), i32x4(0, 1, 2, 3));
    kept += move(a, items, inA, toScores, toItems, kept);
    kept += move(b, i32x4.add(items, i32x4.splat(4)), inB, toScores, toItems, kept);
    kept += move(c, i32x4.add(items, i32x4.splat(8)), inC, toScores, toItems, kept);
    kept += move(d, i32x4.add(items, i32x4.splat(12)), inD, toScores, toItems, kept);
  }
  for (; at < count; at++) {
    const score = load<f32>(scores + ((<usize>at) << 2));
    if (score < bound) continue;
    if (kept == room) break;
    store<f32>(toScores + ((<usize>kept) << 2), score);
    store<i32>(toItems + ((<usize>kept) << 2), first + at);
    kept++;
  }
  stopped = at;
  return kept;
}

function move(scores: v128, items: v128, chosen: v128, toScores: usize, toItems: usize, kept: i32): i32 {
  const choice = i32x4.bitmask(chosen);
  const front = v128.load(fronts + ((<usize>choice) << 4));
  v128.store(toScores + ((<usize>kept) << 2), i8x16.swizzle(scores, front));
  v128.store(toItems + ((<usize>kept) << 2), i8x16.swizzle(items, front));
  return popcnt(choice);
}

/**
 * Writes what `count` looks up of every cell: to `slots` 16 times k where the whole cell lies between threshold k - 1 and k, and 16 times
 * `thresholds` where it touches one; to `nearest` the first of those that it touches. Threshold k takes up the cells from lower[k] to upper[k],
 * both ascending.
 */
export function fillTable(slots: usize, nearest: usize, cells: i32, lower: usize, upper: usize, thresholds: i32): void {
  let cell = 0;
  for (let k = 0; k < thresholds; k++) {
    const from = min(<i32>load<f32>(lower + ((<usize>k) << 2)), cells);
    const end = min(<i32>min(load<f32>(upper + ((<usize>k) << 2)), <f32>cells) + 1, cells);
    for (; cell < from; cell++) store<i32>(slots + ((<usize>cell) << 2), k << 4);
    for (; cell < end; cell++) {
      store<i32>(slots + ((<usize>cell) << 2), thresholds << 4);
      store<i32>(nearest + ((<usize>cell) << 2), k);
    }
  }
}

/**
 * Counts scores by the tables of `fillTable`; score s lies in cell start - slope * s, from the first to cell `last`. `counts` holds four numbers
 * for each threshold and four more; the sums are then the first. Overwrites `items` with those that lie within the bounds of a threshold, and
 * returns how many.
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
    const places = f32x4.sub(starts, f32x4.mul(slopes, v128.load(scores + ((<usize>at) << 2))));
    const cells = i32x4.shl(i32x4.trunc_sat_f32x4_s(f32x4.pmax(zeros, f32x4.pmin(lasts, places))), 2);
    opened += enter(i32x4.extract_lane(cells, 0), slots, counts, touching, at, opened);
    opened += enter(i32x4.extract_lane(cells, 1), slots, counts + 4, touching, at + 1, opened);
    opened += enter(i32x4.extract_lane(cells, 2), slots, counts + 8, touching, at + 2, opened);
    opened += enter(i32x4.extract_lane(cells, 3), slots, counts + 12, touching, at + 3, opened);
  }
  for (; at < kept; at++) {
    const place = placeOf(load<f32>(scores + ((<usize>at) << 2)), start, slope, last);
    opened += enter((<i32>place) << 2, slots, counts, touching, at, opened);
  }
  let pending = 0;
  for (let from = open; from < opened; from += 4) {
    const index = load<i32>(from);
    const place = placeOf(load<f32>(scores + ((<usize>index) << 2)), start, slope, last);
    let k = load<i32>(nearest + ((<usize>(<i32>place)) << 2));
    while (place > load<f32>(upper + ((<usize>k) << 2))) k++;
    const decided = i32(place < load<f32>(lower + ((<usize>k) << 2)));
    const counter = counts + ((<usize>k) << 4);
    store<i32>(counter, load<i32>(counter) + decided);
    store<i32>(items + ((<usize>pending) << 2), load<i32>(items + ((<usize>index) << 2)));
    pending += 1 - decided;
  }
  for (let k = 0; k < thresholds; k++) {
    const four = counts + ((<usize>k) << 4);
    const sum = load<i32>(four) + load<i32>(four, 4) + load<i32>(four, 8) + load<i32>(four, 12);
    store<i32>(counts + ((<usize>k) << 2), sum);
  }
  return pending;
}

function placeOf(score: f32, start: f32, slope: f32, last: f32): f32 {
  return max<f32>(0, min(last, start - slope * score));
}

/** Counts a score in its slot, that of no threshold where its cell touches one; then notes it as open, and returns the bytes of the note. */
function enter(cell: usize, slots: usize, counts: usize, touching: usize, at: i32, opened: usize): usize {
  const slot = <usize>load<i32>(slots + cell);
  const counter = counts + slot;
  store<i32>(counter, load<i32>(counter) + 1);
  store<i32>(opened, at);
  return usize(slot == touching) << 2;
}

/** The least score that `nearest` looks at; it rises. */
export let bound: f32 = 0;

/**
 * Goes through scores for the `k` largest and those that `slack` cannot tell from them: appends to what `toScores` and `toItems` hold as
 * `keep` does, and drops what falls out. Returns how many are held now; -1 where too many are alike to tell.
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
    kept = keep(scores + ((<usize>at) << 2), count - at, bound, first + at, toScores, toItems, kept, room);
    at += stopped;
    if (at == count) return kept;
    kept = prune(toScores, toItems, kept, k, slack);
    if (kept > room >> 1) return -1;
  }
}

/** Drops from `kept` scores, at least `k`, those more than `slack` below about the k-th largest, which is then the bound. Keeps the order. */
export function prune(scores: usize, items: usize, kept: i32, k: i32, slack: f32): i32 {
  bound = about(scores, kept, k) - slack;
  let left = 0;
  for (let at = 0; at < kept; at++) {
    const score = load<f32>(scores + ((<usize>at) << 2));
    store<f32>(scores + ((<usize>left) << 2), score);
    store<i32>(items + ((<usize>left) << 2), load<i32>(items + ((<usize>at) << 2)));
    left += i32(score >= bound);
  }
  return left;
}

/** A value that at least `k` of the scores reach, and hardly more do where halving the range 32 times can tell them apart. */
function about(scores: usize, count: i32, k: i32): f32 {
  let low = Infinity as f32;
  let high = -Infinity as f32;
  for (let at = 0; at < count; at++) {
    const score = load<f32>(scores + ((<usize>at) << 2));
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
  for (; at + 4 <= count; at += 4) sums = i32x4.sub(sums, f32x4.ge(v128.load(scores + ((<usize>at) << 2)), bounds));
  let sum =
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
  for (; at < count; at++) sum += i32(load<f32>(scores + ((<usize>at) << 2)) >= bound);
  return sum;
}

/** Writes `count` numbers of 32 bits as such of 64. */
export function widen(from: usize, count: i32, to: usize): void {
  for (let i = 0; i < count; i++) store<f64>(to + ((<usize>i) << 3), <f64>load<f32>(from + ((<usize>i) << 2)));
}

/**
 * To `distances`, in 64 bits, |q - g|^2 of the query, which `widen` has written, and each of `items`, rows of `gallery`: bit for bit those of
 * squared-distance.ts. Four rows at once, as each waits for memory.
 */
export function measure(query: usize, gallery: usize, columns: i32, items: usize, count: i32, distances: usize): void {
  const whole = (<usize>(columns & ~3)) << 2;
  const all = (<usize>columns) << 2;
  for (let i = 0; i < count; i += 4) {
    const j = min(i + 1, count - 1);
    const k = min(i + 2, count - 1);
    const l = min(i + 3, count - 1);
    const a = gallery + <usize>load<i32>(items + ((<usize>i) << 2)) * all;
    const b = gallery + <usize>load<i32>(items + ((<usize>j) << 2)) * all;
    const c = gallery + <usize>load<i32>(items + ((<usize>k) << 2)) * all;
    const d = gallery + <usize>load<i32>(items + ((<usize>l) << 2)) * all;
    let a01 = f64x2.splat(0);
    let a23 = a01;
    let b01 = a01;
    let b23 = a01;
    let c01 = a01;
    let c23 = a01;
    let d01 = a01;
    let d23 = a01;
    for (let at: usize = 0; at < whole; at += 16) {
      const q01 = v128.load(query + (at << 1));
      const q23 = v128.load(query + (at << 1), 16);
      a01 = addSquares(a01, q01, v128.load64_zero(a + at));
      a23 = addSquares(a23, q23, v128.load64_zero(a + at, 8));
      b01 = addSquares(b01, q01, v128.load64_zero(b + at));
      b23 = addSquares(b23, q23, v128.load64_zero(b + at, 8));
      c01 = addSquares(c01, q01, v128.load64_zero(c + at));
      c23 = addSquares(c23, q23, v128.load64_zero(c + at, 8));
      d01 = addSquares(d01, q01, v128.load64_zero(d + at));
      d23 = addSquares(d23, q23, v128.load64_zero(d + at, 8));
    }
    store<f64>(distances + ((<usize>i) << 3), sumOf(a01, a23, query, a, whole, all));
    store<f64>(distances + ((<usize>j) << 3), sumOf(b01, b23, query, b, whole, all));
    store<f64>(distances + ((<usize>k) << 3), sumOf(c01, c23, query, c, whole, all));
    store<f64>(distances + ((<usize>l) << 3), sumOf(d01, d23, query, d, whole, all));
  }
}

/** Adds (q - g)^2 of two numbers. */
function addSquares(sums: v128, asked: v128, two: v128): v128 {
  const differences = f64x2.sub(asked, f64x2.promote_low_f32x4(two));
  return f64x2.add(sums, f64x2.mul(differences, differences));
}

/** The four sums and what is left of the row. */
function sumOf(sum01: v128, sum23: v128, query: usize, row: usize, whole: usize, all: usize): f64 {
  let sum0 = f64x2.extract_lane(sum01, 0);
  for (let at = whole; at < all; at += 4) {
    const difference = load<f64>(query + (at << 1)) - <f64>load<f32>(row + at);
    sum0 += difference * difference;
  }
  return sum0 + f64x2.extract_lane(sum01, 1) + (f64x2.extract_lane(sum23, 0) + f64x2.extract_lane(sum23, 1));
}

/** Sorts distances of 64 bits with their items, the nearest first and equal ones by item: a heap sort. */
export function sort(distances: usize, items: usize, count: i32): void {
  for (let top = (count >> 1) - 1; top >= 0; top--) sink(distances, items, top, count);
  for (let end = count - 1; end > 0; end--) {
    const distance = load<f64>(distances);
    const item = load<i32>(items);
    put(distances, items, 0, load<f64>(distances + ((<usize>end) << 3)), load<i32>(items + ((<usize>end) << 2)));
    put(distances, items, end, distance, item);
    sink(distances, items, 0, end);
  }
}

/** Moves an entry down to its place in a heap that has the farthest on top. */
function sink(distances: usize, items: usize, at: i32, count: i32): void {
  const distance = load<f64>(distances + ((<usize>at) << 3));
  const item = load<i32>(items + ((<usize>at) << 2));
  while (true) {
    let child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && isBefore(distances, items, child, child + 1)) child++;
    const childDistance = load<f64>(distances + ((<usize>child) << 3));
    const childItem = load<i32>(items + ((<usize>child) << 2));
    if (childDistance < distance || (childDistance == distance && childItem < item)) break;
    put(distances, items, at, childDistance, childItem);
    at = child;
  }
  put(distances, items, at, distance, item);
}

function isBefore(distances: usize, items: usize, a: i32, b: i32): bool {
  const first = load<f64>(distances + ((<usize>a) << 3));
  const second = load<f64>(distances + ((<usize>b) << 3));
  if (first != second) return first < second;
  return load<i32>(items + ((<usize>a) << 2)) < load<i32>(items + ((<usize>b) << 2));
}

function put(distances: usize, items: usize, at: i32, distance: f64, item: i32): void {
  store<f64>(distances + ((<usize>at) << 3), distance);
  store<i32>(items + ((<usize>at) << 2), item);
}
