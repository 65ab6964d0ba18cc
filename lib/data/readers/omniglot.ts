import { join } from "node:path";
import { wholeNumber } from "../../core/check";
import { InputError } from "../../core/input-error";
import { dataFolder } from "../../core/paths";
import { imageIn } from "../decoding/image-content";
import { admittedZip } from "../fetching/archive-entries";
import { readChecked } from "../fetching/verified-file";
import { normalisationOf } from "../images/normalisation";
import { areaAveraging } from "../images/resize";
import type { Dataset, SplitSizes } from "../splits/dataset";
import { memorySplit, type StoredImages } from "../splits/memory-split";
import { brokenImage } from "./read-images";

/** Each archive's alphabets, as class folders. Greek and Latin are in both, with equal drawings. */
export const omniglotAlphabets: { readonly first: readonly string[]; readonly second: readonly string[] } = {
  first: ["Balinese", "Early_Aramaic", "Greek", "Korean", "Latin"],
  second: ["Greek", "Japanese_(katakana)", "Latin", "Sanskrit", "Tagalog"],
};

const charactersOf = {
  Balinese: 24,
  Early_Aramaic: 22,
  Greek: 24,
  "Japanese_(katakana)": 47,
  Korean: 40,
  Latin: 26,
  Sanskrit: 42,
  Tagalog: 17,
} as const;

/** The 242 characters, "alphabet/character", in the order of their names as text. */
export const omniglotClasses: readonly string[] = Object.entries(charactersOf).flatMap(([alphabet, count]) =>
  Array.from({ length: count }, (_, i) => `${alphabet}/character${String(i + 1).padStart(2, "0")}`),
);

const drawers = 20;
const trainDrawers = 14;
// Drawers 13 and 14 are for validation.
const firstHeldOut = 13;

/** The share of training drawings that are for validation. */
export const omniglotHeldOut: number = (trainDrawers - firstHeldOut + 1) / trainDrawers;

/** Drawings of each split. */
export const omniglotSize: SplitSizes = {
  train: omniglotClasses.length * trainDrawers,
  test: omniglotClasses.length * (drawers - trainDrawers),
};

/** One drawing: its class is "alphabet/character". */
interface Drawing {
  readonly character: string;
  readonly drawer: number;
  readonly name: string;
  readonly png: Buffer;
}

const archives = ["omniglot-images_background_small1.zip", "omniglot-images_background_small2.zip"];
const limits = { entries: 5_000, bytesPerEntry: 10_000, bytes: 5_000_000 };
const sourceSide = 105;
// Drawings decoded at a time: enough for every core, and few more after one that is broken.
const atOnce = 128;

/**
 * Omniglot's characters: drawers 1 to 14 train (13 and 14 for validation), 15 to 20 test. Ink is
 * bright on dark, 8 bits, area-averaged to side x side, and normalised by mean and deviation of all
 * training pixels.
 */
export async function omniglot({
  side = 32,
  folder = dataFolder(),
}: {
  readonly side?: number;
  readonly folder?: string;
} = {}): Promise<Dataset> {
  wholeNumber("side of Omniglot", side, { least: 1, most: sourceSide });
  const drawings = uniqueDrawings(await readArchives(folder));
  const classNames = [...new Set(drawings.map(({ character }) => character))];
  checkComplete(folder, drawings, classNames);
  const train = drawings.filter(({ drawer }) => drawer <= trainDrawers);
  const test = drawings.filter(({ drawer }) => drawer > trainDrawers);
  const trainImages = await decodeDrawings(train, side);
  const normalisation = normalisationOf(trainImages);
  const heldOut = [...train.keys()].filter((index) => (train[index]?.drawer ?? 0) >= firstHeldOut);
  return {
    heldOut: Int32Array.from(heldOut),
    train: memorySplit(trainImages, labelsOf(train, classNames), classNames, normalisation),
    test: memorySplit(await decodeDrawings(test, side), labelsOf(test, classNames), classNames, normalisation),
  };
}

/**
 * The drawings as ink, one byte a pixel: 0 is paper and 255 a pixel covered by ink. Throws an error
 * that names a broken drawing.
 */
async function decodeDrawings(drawings: readonly Drawing[], side: number): Promise<StoredImages> {
  const resize = areaAveraging(sourceSide, sourceSide, side);
  const values = new Uint8Array(drawings.length * side * side);
  const decode = async ({ name, png }: Drawing, index: number): Promise<void> => {
    const paper = resize(await decodeGrey(name, png, sourceSide, sourceSide));
    values.set(
      paper.map((value) => Math.round(255 - value)),
      index * side * side,
    );
  };
  for (let start = 0; start < drawings.length; start += atOnce) {
    const some = drawings.slice(start, start + atOnce);
    await Promise.all(some.map((drawing, i) => decode(drawing, start + i)));
  }
  return { height: side, width: side, channels: 1, values };
}

async function readArchives(folder: string): Promise<readonly Drawing[]> {
  return (await Promise.all(archives.map((archive) => readArchive(folder, archive)))).flat();
}

async function readArchive(folder: string, archive: string): Promise<readonly Drawing[]> {
  const place = join(folder, archive);
  const entries = await admittedZip(place, await readChecked(folder, archive), limits);
  const drawings = entries.filter(({ entry }) => entry.kind === "file");
  return Promise.all(drawings.map(async ({ entry, path }) => drawingOf(place, path, await entry.content())));
}

/** A file of an archive as a drawing; throws if its path is not a drawing's. */
function drawingOf(archive: string, path: string, png: Buffer): Drawing {
  const parts = /^[^/]+\/([^/]+\/character\d+)\/\d+_(\d\d)\.png$/.exec(path);
  const drawer = Number(parts?.[2]);
  if (parts?.[1] === undefined || !(drawer >= 1 && drawer <= drawers)) {
    const allowed = "<set>/<alphabet>/character<n>/<id>_<drawer>.png";
    throw new InputError({
      file: archive,
      place: `entry "${path}"`,
      fault: `is not a drawing: ${allowed} is expected`,
    });
  }
  return { character: parts[1], drawer, name: `${archive}/${path}`, png };
}

/** The drawings in order of character and drawer; one that is in both archives is taken once. */
function uniqueDrawings(drawings: readonly Drawing[]): readonly Drawing[] {
  const byKey = new Map<string, Drawing>();
  for (const drawing of drawings) {
    const key = `${drawing.character}/${String(drawing.drawer).padStart(2, "0")}`;
    const known = byKey.get(key);
    if (known && Buffer.compare(known.png, drawing.png) !== 0)
      throw new InputError({ file: drawing.name, fault: `differs from ${known.name}` });
    byKey.set(key, known ?? drawing);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, drawing]) => drawing);
}

function checkComplete(folder: string, drawings: readonly Drawing[], classNames: readonly string[]): void {
  const characters = omniglotClasses.length;
  if (classNames.length === characters && drawings.length === characters * drawers) return;
  const found = `${classNames.length} characters and ${drawings.length} drawings`;
  const expected = `${characters} and ${characters * drawers}`;
  throw new InputError({ file: folder, fault: `holds ${found} of Omniglot instead of ${expected}` });
}

function labelsOf(drawings: readonly Drawing[], classNames: readonly string[]): Int32Array {
  const labelOf = new Map(classNames.map((name, label) => [name, label]));
  return Int32Array.from(drawings, ({ character }) => labelOf.get(character) ?? -1);
}

/** The grey values of a PNG or JPEG of this very size. Throws InputError. */
async function decodeGrey(name: string, content: Buffer, height: number, width: number): Promise<Uint8Array> {
  try {
    const image = await imageIn(content, { limitInputPixels: height * width, failOn: "warning" });
    const { data, info } = await image.toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
    if (info.width === width && info.height === height && info.channels === 1) return data;
    const found = `${info.height} x ${info.width} with ${info.channels} channels`;
    throw new Error(`it is ${found} instead of ${height} x ${width}, grey`);
  } catch (cause) {
    throw brokenImage(name, cause);
  }
}
