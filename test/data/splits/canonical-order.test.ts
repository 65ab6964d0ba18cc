import { expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { random } from "../../../lib/core/random";
import { inCanonicalOrder, type LabelledImages } from "../../../lib/data/splits/memory-split";

const stream = random(4, "canonical order");
const size = 2 * 3 * 3;
const count = 40;

/** Images of three classes; number 7 is there twice in one class, and once more in another. */
function made(order: Int32Array): LabelledImages {
  const source = random(4, "images");
  const images = Array.from({ length: count }, () => Uint8Array.from({ length: size }, () => source.integer(4)));
  for (const copy of [8, 11]) images[copy] = images[7] ?? new Uint8Array(size);
  const labels = Int32Array.from({ length: count }, (_, i) => (i === 8 ? 7 % 3 : i % 3));
  const values = Buffer.concat([...order].map((index) => images[index] ?? new Uint8Array(size)));
  return {
    images: { height: 2, width: 3, channels: 3, values },
    labels: order.map((index) => labels[index] ?? -1),
  };
}

const plain = made(Int32Array.from({ length: count }, (_, i) => i));

it("sorts images by class, then by the hash of their pixels, and loses none", () => {
  const lines = ({ images, labels }: LabelledImages): string[] =>
    Array.from(labels, (label, i) => `${label} ${sha256(images.values.subarray(i * size, (i + 1) * size))}`);
  const sorted = lines(inCanonicalOrder(plain));
  expect(sorted).toEqual(lines(plain).sort());
  expect(sorted).not.toEqual(lines(plain));
});

it("gives the same bytes whatever the order of the images", () => {
  const { images, labels } = inCanonicalOrder(plain);
  for (let turn = 0; turn < 5; turn++) {
    const shuffled = made(stream.permutation(count));
    expect(shuffled.labels).not.toEqual(plain.labels);
    const again = inCanonicalOrder(shuffled);
    expect(again.labels).toEqual(labels);
    expect(Buffer.compare(again.images.values, images.values)).toBe(0);
  }
});
