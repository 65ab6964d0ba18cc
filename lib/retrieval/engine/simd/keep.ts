import { at32 } from "./addresses";

/** For each of 16 choices of four lanes the byte order that moves the chosen ones to the front. */
const fronts: usize = memory.data(256, 16);

for (let choice = 0; choice < 16; choice++) {
  let to = fronts + choice * 16;
  for (let lane = 0; lane < 4; lane++) {
    if (!((choice >> lane) & 1)) continue;
    store<u32>(to, 0x03020100 + 0x04040404 * lane);
    to += 4;
  }
}

/**
 * Where the last `keep` stopped for lack of room; the number of its scores if it had room for all.
 */
export let stopped: i32 = 0;

/**
 * Appends the scores of at least `bound` to the `kept` ones in `toScores`, and their items to
 * `toItems`; score 0 is item `first`. Returns how many are kept now. Stops if fewer than 16 more
 * fit in `room`. Both lists need 16 bytes more than `room`.
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
  let at = 0;
  for (; at + 16 <= count; at += 16) {
    if (kept + 16 > room) {
      stopped = at;
      return kept;
    }
    const from = at32(scores, at);
    const a = v128.load(from);
    const b = v128.load(from, 16);
    const c = v128.load(from, 32);
    const d = v128.load(from, 48);
    const inA = f32x4.ge(a, bounds);
    const inB = f32x4.ge(b, bounds);
    const inC = f32x4.ge(c, bounds);
    const inD = f32x4.ge(d, bounds);
    if (!v128.any_true(v128.or(v128.or(inA, inB), v128.or(inC, inD)))) continue;
    const items = i32x4.add(i32x4.splat(first + at), i32x4(0, 1, 2, 3));
    kept += move(a, items, inA, toScores, toItems, kept);
    kept += move(b, i32x4.add(items, i32x4.splat(4)), inB, toScores, toItems, kept);
    kept += move(c, i32x4.add(items, i32x4.splat(8)), inC, toScores, toItems, kept);
    kept += move(d, i32x4.add(items, i32x4.splat(12)), inD, toScores, toItems, kept);
  }
  for (; at < count; at++) {
    const score = load<f32>(at32(scores, at));
    if (score < bound) continue;
    if (kept == room) break;
    store<f32>(at32(toScores, kept), score);
    store<i32>(at32(toItems, kept), first + at);
    kept++;
  }
  stopped = at;
  return kept;
}

function move(scores: v128, items: v128, chosen: v128, toScores: usize, toItems: usize, kept: i32): i32 {
  const choice = i32x4.bitmask(chosen);
  const front = v128.load(fronts + ((<usize>choice) << 4));
  v128.store(at32(toScores, kept), i8x16.swizzle(scores, front));
  v128.store(at32(toItems, kept), i8x16.swizzle(items, front));
  return popcnt(choice);
}
