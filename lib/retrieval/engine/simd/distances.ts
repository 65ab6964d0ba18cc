import { at32, at64 } from "./addresses";

/**
 * Writes |q - g|^2 of the query and each of `items`, rows of `gallery`, to `distances`: bit for bit
 * those of metrics/squared-distance.ts. Query, distances and `factors`, by which the rows are
 * multiplied unless it is 0, are in 64 bits.
 */
export function measure(
  query: usize,
  gallery: usize,
  columns: i32,
  items: usize,
  count: i32,
  distances: usize,
  factors: usize,
): void {
  if (factors == 0) measureRows<i32>(query, gallery, columns, items, count, distances, factors);
  else measureRows<f64>(query, gallery, columns, items, count, distances, factors);
}

/**
 * Measures four rows at once, because each waits for memory. T is compiled in: f64 if the rows have
 * factors.
 */
function measureRows<T>(
  query: usize,
  gallery: usize,
  columns: i32,
  items: usize,
  count: i32,
  distances: usize,
  factors: usize,
): void {
  const whole = (<usize>(columns & ~3)) << 2;
  const all = (<usize>columns) << 2;
  for (let i = 0; i < count; i += 4) {
    const j = min(i + 1, count - 1);
    const k = min(i + 2, count - 1);
    const l = min(i + 3, count - 1);
    const a = gallery + <usize>load<i32>(at32(items, i)) * all;
    const b = gallery + <usize>load<i32>(at32(items, j)) * all;
    const c = gallery + <usize>load<i32>(at32(items, k)) * all;
    const d = gallery + <usize>load<i32>(at32(items, l)) * all;
    const af = factorAt<T>(factors, items, i);
    let a01 = f64x2.splat(0);
    let a23 = a01;
    const bf = factorAt<T>(factors, items, j);
    let b01 = a01;
    let b23 = a01;
    const cf = factorAt<T>(factors, items, k);
    let c01 = a01;
    let c23 = a01;
    const df = factorAt<T>(factors, items, l);
    let d01 = a01;
    let d23 = a01;
    for (let at: usize = 0; at < whole; at += 16) {
      const q01 = v128.load(query + (at << 1));
      const q23 = v128.load(query + (at << 1), 16);
      a01 = addSquares<T>(a01, q01, v128.load64_zero(a + at), af);
      a23 = addSquares<T>(a23, q23, v128.load64_zero(a + at, 8), af);
      b01 = addSquares<T>(b01, q01, v128.load64_zero(b + at), bf);
      b23 = addSquares<T>(b23, q23, v128.load64_zero(b + at, 8), bf);
      c01 = addSquares<T>(c01, q01, v128.load64_zero(c + at), cf);
      c23 = addSquares<T>(c23, q23, v128.load64_zero(c + at, 8), cf);
      d01 = addSquares<T>(d01, q01, v128.load64_zero(d + at), df);
      d23 = addSquares<T>(d23, q23, v128.load64_zero(d + at, 8), df);
    }
    store<f64>(at64(distances, i), sumOf<T>(a01, a23, query, a, whole, all, af));
    store<f64>(at64(distances, j), sumOf<T>(b01, b23, query, b, whole, all, bf));
    store<f64>(at64(distances, k), sumOf<T>(c01, c23, query, c, whole, all, cf));
    store<f64>(at64(distances, l), sumOf<T>(d01, d23, query, d, whole, all, df));
  }
}

/** The factor of row `items[i]`. */
function factorAt<T>(factors: usize, items: usize, i: i32): f64 {
  if (isInteger<T>()) return 1;
  return load<f64>(factors + ((<usize>load<i32>(at32(items, i))) << 3));
}

/** Adds (q - g)^2 of two numbers. */
function addSquares<T>(sums: v128, asked: v128, two: v128, factor: f64): v128 {
  let row = f64x2.promote_low_f32x4(two);
  if (isFloat<T>()) row = f64x2.mul(row, f64x2.splat(factor));
  const differences = f64x2.sub(asked, row);
  return f64x2.add(sums, f64x2.mul(differences, differences));
}

/** Adds the four sums and the rest of the row. */
function sumOf<T>(sum01: v128, sum23: v128, query: usize, row: usize, whole: usize, all: usize, factor: f64): f64 {
  let sum0 = f64x2.extract_lane(sum01, 0);
  for (let at = whole; at < all; at += 4) {
    let value = <f64>load<f32>(row + at);
    if (isFloat<T>()) value *= factor;
    const difference = load<f64>(query + (at << 1)) - value;
    sum0 += difference * difference;
  }
  return sum0 + f64x2.extract_lane(sum01, 1) + (f64x2.extract_lane(sum23, 0) + f64x2.extract_lane(sum23, 1));
}

/** Heap sort of distances of 64 bits with their items: nearest first, equal ones by item. */
export function sort(distances: usize, items: usize, count: i32): void {
  for (let top = (count >> 1) - 1; top >= 0; top--) sink(distances, items, top, count);
  for (let end = count - 1; end > 0; end--) {
    const distance = load<f64>(distances);
    const item = load<i32>(items);
    put(distances, items, 0, load<f64>(at64(distances, end)), load<i32>(at32(items, end)));
    put(distances, items, end, distance, item);
    sink(distances, items, 0, end);
  }
}

/** Moves an entry down to its place in a heap with the farthest on top. */
function sink(distances: usize, items: usize, at: i32, count: i32): void {
  const distance = load<f64>(at64(distances, at));
  const item = load<i32>(at32(items, at));
  while (true) {
    let child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && isBefore(distances, items, child, child + 1)) child++;
    const childDistance = load<f64>(at64(distances, child));
    const childItem = load<i32>(at32(items, child));
    if (childDistance < distance || (childDistance == distance && childItem < item)) break;
    put(distances, items, at, childDistance, childItem);
    at = child;
  }
  put(distances, items, at, distance, item);
}

function isBefore(distances: usize, items: usize, a: i32, b: i32): bool {
  const first = load<f64>(at64(distances, a));
  const second = load<f64>(at64(distances, b));
  if (first != second) return first < second;
  return load<i32>(at32(items, a)) < load<i32>(at32(items, b));
}

function put(distances: usize, items: usize, at: i32, distance: f64, item: i32): void {
  store<f64>(at64(distances, at), distance);
  store<i32>(at32(items, at), item);
}
