import { join } from "node:path";
import { oneOf } from "../../core/check";
import { InputError } from "../../core/input-error";
import { dataFolder } from "../../core/paths";
import { readCheckedTar } from "../fetching/verified-file";
import { normalisationOf } from "../images/normalisation";
import type { Dataset, ImageSplit, SplitSizes } from "../splits/dataset";
import { inCanonicalOrder, type LabelledImages, memorySplit } from "../splits/memory-split";
import { decodeSources } from "./read-images";

/** UC Merced Land Use, reduced to 64 x 64 pixels; at 32 it is averaged over areas. */
export interface UcMercedRecipe {
  readonly name: "uc-merced-64px";
  readonly side: 32 | 64;
}

/** Images of 21 classes: 80 of each in training and 20 in test, every fifth. */
export const ucMercedSize: SplitSizes = { train: 1_680, test: 420 };

/** The name of the archive below data/. */
const archiveName = "ucmerced-64.tar.xz";
const sourceSide = 64;
const limits = { entries: 2_200, bytesPerEntry: 20_000, bytes: 10_000_000 };

/** An image of the archive. */
interface Scene {
  readonly split: string;
  readonly className: string;
  readonly name: string;
  readonly content: Buffer;
}

/**
 * Aerial scenes of 21 kinds of land use from the committed archive, in memory and in canonical
 * order. Normalised by mean and deviation of all training pixels.
 */
export async function ucMerced({
  side = sourceSide,
  folder = dataFolder(),
}: Partial<Pick<UcMercedRecipe, "side">> & { readonly folder?: string } = {}): Promise<Dataset> {
  oneOf("side of UC Merced", side, [32, 64]);
  const place = join(folder, archiveName);
  const scenes = (await readCheckedTar(folder, archiveName, limits)).map((file) => sceneOf(place, file));
  const classNames = [...new Set(scenes.map(({ className }) => className))].sort();
  const ofSplit = async (name: string): Promise<LabelledImages> => {
    const chosen = scenes.filter(({ split }) => split === name);
    checkClasses(place, name, chosen, classNames);
    return decoded(chosen, classNames, side);
  };
  const [train, test] = [await ofSplit("train"), await ofSplit("test")];
  const normalisation = normalisationOf(train.images);
  const split = ({ images, labels }: LabelledImages): ImageSplit =>
    memorySplit(images, labels, classNames, normalisation);
  return { train: split(train), test: split(test) };
}

/** A file of the archive as a scene; throws if its path is not one's. */
function sceneOf(archive: string, { path, content }: { readonly path: string; readonly content: Buffer }): Scene {
  const [, split, className] = /^ucmerced\/(train|test)\/([a-z]+)\/[a-z]+\d+\.jpg$/.exec(path) ?? [];
  if (split === undefined || className === undefined) {
    const fault = "is not an image: ucmerced/train or test/<class>/<name>.jpg is expected";
    throw new InputError({ file: archive, place: `entry "${path}"`, fault });
  }
  return { split, className, name: `${archive}/${path}`, content };
}

function checkClasses(archive: string, split: string, scenes: readonly Scene[], classNames: readonly string[]): void {
  const present = new Set(scenes.map(({ className }) => className));
  const missing = classNames.filter((name) => !present.has(name));
  if (classNames.length > 0 && missing.length === 0) return;
  const fault = `has no image${missing.length > 0 ? ` of ${missing.join(", ")}` : ""} in ${split}`;
  throw new InputError({ file: archive, fault });
}

async function decoded(scenes: readonly Scene[], classNames: readonly string[], side: number): Promise<LabelledImages> {
  const sources = scenes.map(({ name, content }) => ({ name, content: async () => content }));
  const broken = {
    report: (_: string, error: unknown): never => {
      throw error;
    },
  };
  const { images } = await decodeSources(sources, { side, sourceSide, broken });
  const labels = Int32Array.from(scenes, ({ className }) => classNames.indexOf(className));
  return inCanonicalOrder({ images, labels });
}
