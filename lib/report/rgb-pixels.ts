/** Images of one or three channels (NHWC, any range) as RGB bytes, `count` arrays; the smallest value becomes 0, the largest 255. */
export function rgbPixels(values: Float32Array, count: number, channels: 1 | 3 = 3): readonly Uint8Array[] {
  const size = values.length / count;
  if (!Number.isInteger(size / channels)) {
    throw new RangeError(`${values.length} values are not ${count} images of ${channels} channels`);
  }
  const [low, high] = rangeOf(values);
  const scale = high === low ? 0 : 255 / (high - low);
  return Array.from({ length: count }, (_, image) => {
    const bytes = Uint8Array.from(values.subarray(image * size, (image + 1) * size), (value) =>
      Math.round((value - low) * scale),
    );
    return channels === 3 ? bytes : threefold(bytes);
  });
}

function rangeOf(values: Float32Array): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function threefold(grey: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: grey.length * 3 }, (_, index) => grey[Math.floor(index / 3)] ?? 0);
}
