import sharp from "sharp";
import { dataFolder } from "../../core/paths";
import { readChecked } from "../fetching/verified-file";
import { readZip, type ZipEntry } from "../fetching/zip";
import { areaAveraging } from "../images/resize";
import type { Dataset } from "../splits/dataset";
import { memorySplit, normalisationOf, type StoredImages } from "../splits/memory-split";

/** The alphabets of each of the two archives, as class folders. Greek and Latin are in both, with the same drawings. */
export const omniglotAlphabets: { readonly first: readonly string[]; readonly second: readonly string[] } = {
  first: ["Balinese", "Early_Aramaic", "Greek", "Korean", "Latin"],
  second: ["Greek", "Japanese_(katakana)", "Latin", "Sanskrit", "Tagalog"],
};

/** One drawing: its class is "alphabet/character". */
interface Drawing {
  readonly character: string;
  readonly drawer: number;
  readonly name: string;
  readonly png: Uint8Array;
}

const archives = ["omniglot-images_background_small1.zip", "omniglot-images_background_small2.zip"];
const limits = { entries: 5_000, bytesPerEntry: 10_000, bytes: 5_000_000 };
const sourceSide = 105;
const drawers = 20;
const trainDrawers = 14;

/**
 * Omniglot's 242 characters in the order of "alphabet/character" as text: drawers 1-14 train, 15-20 test. Ink is bright on dark, 8 bits,
 * area-averaged to side x side; normalised by mean and deviation of all training pixels.
 */
export async function omniglot({
  side = 32,
  folder = dataFolder(),
}: {
  readonly side?: number;
  readonly folder?: string;
} = {}): Promise<Dataset> {
  if (!(Number.isInteger(side) && side >= 1 && side <= sourceSide)) {
    throw new RangeError(`Omniglot side ${side}: whole pixels from 1 to ${sourceSide} are allowed`);
  }
  const drawings = uniqueDrawings(await readArchives(folder));
  const classNames = [...new Set(drawings.map(({ character }) => character))];
  checkComplete(drawings, classNames);
  const train = drawings.filter(({ drawer }) => drawer <= trainDrawers);
  const test = drawings.filter(({ drawer }) => drawer > trainDrawers);
  const trainImages = await decodeDrawings(train, side);
  const normalisation = normalisationOf(trainImages);
  return {
    train: memorySplit(trainImages, labelsOf(train, classNames), classNames, normalisation),
    test: memorySplit(await decodeDrawings(test, side), labelsOf(test, classNames), classNames, normalisation),
  };
}

/** The drawings as ink, one byte a pixel: 0 is paper and 255 a pixel covered by ink. Throws an error that names a broken drawing. */
export async function decodeDrawings(drawings: readonly Drawing[], side: number): Promise<StoredImages> {
  const resize = areaAveraging(sourceSide, sourceSide, side);
  const values = new Uint8Array(drawings.length * side * side);
  const decode = async ({ name, png }: Drawing, index: number): Promise<void> => {
    const paper = resize(await decodeGrey(name, png, sourceSide, sourceSide));
    values.set(
      paper.map((value) => Math.round(255 - value)),
      index * side * side,
    );
  };
  await Promise.all(drawings.map(decode));
  return { height: side, width: side, channels: 1, values };
}

/** An archive's entry as a drawing; throws where its path is not that of one. */
export function drawingOf(archive: string, { path, content }: ZipEntry): Drawing {
  const parts = /^[^/]+\/([^/]+\/character\d+)\/\d+_(\d\d)\.png$/.exec(path);
  const drawer = Number(parts?.[2]);
  if (parts?.[1] === undefined || !(drawer >= 1 && drawer <= drawers)) {
    throw new Error(
      `${archive}: "${path}" is no drawing: "<set>/<alphabet>/character<n>/<id>_<drawer>.png" is allowed`,
    );
  }
  return { character: parts[1], drawer, name: `${archive}/${path}`, png: content };
}

async function readArchives(folder: string): Promise<readonly Drawing[]> {
  const read = archives.map(async (archive) => {
    const entries = readZip(archive, await readChecked(folder, archive), limits);
    return entries.map((entry) => drawingOf(archive, entry));
  });
  return (await Promise.all(read)).flat();
}

/** The drawings in order of character and drawer; one that is in both archives is taken once. */
function uniqueDrawings(drawings: readonly Drawing[]): readonly Drawing[] {
  const byKey = new Map<string, Drawing>();
  for (const drawing of drawings) {
    const key = `${drawing.character}/${String(drawing.drawer).padStart(2, "0")}`;
    const known = byKey.get(key);
    if (known && Buffer.compare(known.png, drawing.png) !== 0)
      throw new Error(`${known.name} and ${drawing.name} differ`);
    byKey.set(key, known ?? drawing);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, drawing]) => drawing);
}

function checkComplete(drawings: readonly Drawing[], classNames: readonly string[]): void {
  const expected = classNames.length * drawers;
  if (classNames.length !== 242 || drawings.length !== expected) {
    throw new Error(
      `Omniglot has ${classNames.length} characters and ${drawings.length} drawings instead of 242 and 4840`,
    );
  }
}

function labelsOf(drawings: readonly Drawing[], classNames: readonly string[]): Int32Array {
  const labelOf = new Map(classNames.map((name, label) => [name, label]));
  return Int32Array.from(drawings, ({ character }) => labelOf.get(character) ?? -1);
}

/** The grey values of a PNG or JPEG of exactly `height` x `width` pixels. Throws an error that names the file. */
async function decodeGrey(name: string, content: Uint8Array, height: number, width: number): Promise<Uint8Array> {
  const { data, info } = await sharp(content, { limitInputPixels: height * width, failOn: "warning" })
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new Error(`${name} is a broken image: ${cause instanceof Error ? cause.message : cause}`, { cause });
    });
  if (info.width !== width || info.height !== height || info.channels !== 1) {
    throw new Error(
      `${name} is ${info.height} x ${info.width} with ${info.channels} channels instead of ${height} x ${width}, grey`,
    );
  }
  return data;
}
