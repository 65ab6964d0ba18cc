/** Each target pixel as the sum over all source pixels of value times two triangle weights, the border repeated. */
export function naiveEnlarged(
  image: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  high: number,
  wide: number,
): number[] {
  const weight = (i: number, target: number, size: number, k: number): number => {
    const centre = Math.min(Math.max(((i + 0.5) * size) / target - 0.5, 0), size - 1);
    return Math.max(0, 1 - Math.abs(centre - k));
  };
  return Array.from({ length: high * wide * channels }, (_, at) => {
    const [c, x, y] = [at % channels, Math.floor(at / channels) % wide, Math.floor(at / channels / wide)];
    let sum = 0;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const value = image[(row * width + column) * channels + c] ?? Number.NaN;
        sum += weight(y, high, height, row) * weight(x, wide, width, column) * value;
      }
    }
    return sum;
  });
}
