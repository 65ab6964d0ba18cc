import type { Random } from "../core/random";
import { checkAugmentation } from "./augment";
import type { Augmentation, ImageSplit } from "./dataset";
import { decodeImage, type ImageView } from "./decode-image";
import type { DecodePool } from "./decode-pool";
import { imagenetNormalisation as normalisation } from "./imagenet-normalisation";
import type { ListedImages } from "./list-images";
import { cropDraws } from "./resized-crop";

type View = { readonly augmentation: Augmentation; readonly random: Random };

const ahead = 2;

/**
 * A split of image files, decoded by the pool when they are loaded. Without an augmentation the test view: the shorter side at 256/224 of `side`,
 * then the centre. `found` is told once of each image that does not decode, and may throw; its place is taken by the next image of its class.
 */
export function filesSplit(
  files: ListedImages,
  {
    side,
    pool,
    found,
  }: { readonly side: number; readonly pool: () => DecodePool; readonly found: (path: string, reason: string) => void },
): ImageSplit {
  const stands = standIns(files);
  const size = side * side * 3;
  const load = async (indices: Int32Array, view?: View): Promise<Float32Array> => {
    const shown = indices.map(stands.forImage);
    const tasks = Array.from(shown, (index) => ({ path: files.path(index), view: imageView(side, index, view) }));
    const { values, broken } = await pool().decode({ tasks, valuesPerImage: size, normalisation });
    if (broken.length === 0) return values;
    for (const { position, reason } of broken) {
      const index = shown[position] ?? -1;
      if (stands.note(index)) found(files.path(index), reason);
    }
    const again = await load(
      Int32Array.from(broken, ({ position }) => indices[position] ?? -1),
      view,
    );
    broken.forEach(({ position }, i) => {
      values.set(again.subarray(i * size, (i + 1) * size), position * size);
    });
    return values;
  };
  return {
    shape: [side, side, 3],
    labels: files.labels,
    classNames: files.classNames,
    ahead,
    load,
    recycle: (batch) => pool().recycle(batch),
    pixels: async (index) => decodeImage(files.path(stands.forImage(index)), { kind: "centre", side, mirrored: false }),
  };
}

interface StandIns {
  /** The image itself, or the next of its class where it is known to be broken; throws where the whole class is. */
  readonly forImage: (index: number) => number;
  /** Notes a broken image; whether it is new. */
  readonly note: (index: number) => boolean;
}

function standIns({ starts, path, labels }: ListedImages): StandIns {
  const broken = new Set<number>();
  const next = (index: number): number => {
    const after = index + 1;
    // A class ends where the next begins: its last image is followed by its first.
    const label = starts.indexOf(after);
    return label > 0 ? (starts[label - 1] ?? 0) : after;
  };
  return {
    forImage: (index) => {
      if (!(Number.isInteger(index) && index >= 0 && index < labels.length)) {
        throw new RangeError(`image ${index} of a split of ${labels.length} images`);
      }
      let candidate = index;
      while (broken.has(candidate)) {
        candidate = next(candidate);
        if (candidate === index) throw new Error(`no image of the class of ${path(index)} decodes`);
      }
      return candidate;
    },
    note: (index) => !broken.has(index) && broken.add(index) !== undefined,
  };
}

function imageView(side: number, index: number, view?: View): ImageView {
  if (view === undefined) return { kind: "centre", side, mirrored: false };
  const { augmentation } = view;
  checkAugmentation(augmentation, [side, side, 3]);
  const random = view.random.fork(index);
  switch (augmentation.kind) {
    case "flip":
      return { kind: "centre", side, mirrored: random.uniform() < 0.5 };
    case "resized-crop":
      return { kind: "resized-crop", side, minArea: augmentation.minArea, draws: cropDraws(random) };
    case "affine":
    case "crop-flip":
      throw new RangeError(`augmentation "${augmentation.kind}" of image files: flip and resized-crop are allowed`);
  }
}
