import { momentsOf } from "../adapters/pairs/moments";
import { matrixSource } from "../adapters/pairs/pairs";
import { fewestVectors, mostSpread } from "../adapters/require-space";
import { type SpaceRole, spaceArrays, spaceId, spreadGap } from "../adapters/space";
import { notFinite, unexpected } from "../core/check";
import { InputError } from "../core/input-error";
import { type Matrix, matrix, selectRows } from "../core/matrix";
import { arrayNamed, type NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import type { Store } from "./store";

/** A model whose space vectors are of. */
export interface GalleryModel {
  /** What its user calls it. */
  readonly name: string;
  readonly dimensions: number;
  /** Of its space: 16 hexadecimal digits; null until 1,000 of its vectors came together. */
  readonly fingerprint: string | null;
}

/** The same as it is stored. */
export interface StoredModel extends GalleryModel {
  readonly number: number;
  readonly space: NamedArrays | null;
  /** The h by which what was stored before came to it; null for the first model. */
  readonly h: RegisteredH | null;
}

/** An h as the gallery remembers it. */
export interface RegisteredH {
  /** The SHA-256 of its weights' file. */
  readonly sha256: string;
  readonly kind: string;
  /** Whether it predicts its error, by which a backfill is ordered. */
  readonly predictsError: boolean;
}

/** Vectors, and the model that their user says they are of. */
export interface SaidOf {
  readonly vectors: Matrix;
  readonly model: string;
  /** Take vectors that do not look like the model's. */
  readonly anySpace?: boolean;
}

/** Fewer vectors may all be of a few classes. */
const fewestToLearn = 1000;
const mostToLearn = 4096;

interface ModelRow {
  readonly number: number;
  readonly name: string;
  readonly dimensions: number;
  readonly space: Uint8Array | null;
  readonly h: string | null;
}

/** The model in a state; undefined if none is in it. */
export function modelIn(store: Store, state: "current" | "coming"): StoredModel | undefined {
  const row = store.first<ModelRow>("SELECT * FROM model WHERE state = ?", state);
  if (row === undefined) return undefined;
  const { number, name, dimensions, h } = row;
  const space = row.space === null ? null : decodedSpace(row.space, dimensions);
  const fingerprint = space === null ? null : spaceId("from", space);
  return { number, name, dimensions, space, fingerprint, h: h === null ? null : (JSON.parse(h) as RegisteredH) };
}

/** The model that vectors are stored and searched by. */
export function currentModel(store: Store): StoredModel {
  const found = modelIn(store, "current");
  if (found === undefined) throw new Error(`${store.path}: there is no current model`);
  return found;
}

/** A model's name and fingerprint, for messages. */
export function named({ name, fingerprint }: Pick<GalleryModel, "name" | "fingerprint">): string {
  return fingerprint === null ? `"${name}"` : `"${name}" (${fingerprint})`;
}

/** Throws RangeError on a name that could not be told from none. */
export function requireNamed(model: string): void {
  if (model === "") throw unexpected("model", "a name", "an empty text");
}

/** Throws InputError, naming both, unless vectors are said to be of the model. */
export function requireName(file: string, model: StoredModel, said: string): void {
  if (said === model.name) return;
  const fault = `these vectors are of model "${said}", the gallery's of ${named(model)}`;
  throw new InputError({ file, fault, remedy: "embed by that model, or bring the gallery to yours by an update" });
}

/**
 * Throws InputError, naming both spaces, unless the vectors are said to be of the model and, where
 * there are 50 or more and the fingerprint is known, spread as its vectors do.
 */
export async function requireModel(
  file: string,
  model: StoredModel,
  { vectors, model: said, anySpace = false }: SaidOf,
): Promise<void> {
  requireName(file, model, said);
  if (vectors.columns !== model.dimensions) {
    const fault = `these vectors have ${vectors.columns} dimensions, those of ${named(model)} ${model.dimensions}`;
    throw new InputError({ file, fault });
  }
  const wrong = notFinite(vectors.data);
  if (wrong !== null) throw unexpected("vectors", "finite numbers", wrong);
  if (anySpace || model.space === null || vectors.rows < fewestVectors) return;
  const sample = drawn(vectors, mostToLearn);
  const gap = spreadGap("from", model.space, sample);
  if (gap <= mostSpread) return;
  const theirs = spaceId("from", await spaceOf(sample));
  const fault = `these vectors (${theirs}) are said to be of ${named(model)}, and spread ${gap.toFixed(2)} away from it: ${mostSpread} is allowed`;
  throw new InputError({ file, fault, remedy: "embed by that model, or say that any space is allowed" });
}

/** The space of a model that has none yet, if enough of its vectors come together; else null. */
export async function newSpace(model: StoredModel, vectors: Matrix): Promise<Uint8Array | null> {
  if (model.space !== null || vectors.rows < fewestToLearn) return null;
  return encodedSpace("from", await spaceOf(drawn(vectors, mostToLearn)));
}

/** Keeps the space of a model, and with it its fingerprint, unless one is known. */
export function keepSpace(store: Store, { number }: StoredModel, space: Uint8Array): void {
  store.run("UPDATE model SET space = ? WHERE number = ? AND space IS NULL", space, number);
}

/** Rows drawn by a fixed seed: every so many would be of few classes where classes take turns. */
export function drawnRows(count: number, most: number): Int32Array {
  return random("rows that tell a space").permutation(count).slice(0, most).sort();
}

function drawn(vectors: Matrix, most: number): Matrix {
  return vectors.rows <= most ? vectors : selectRows(vectors, drawnRows(vectors.rows, most));
}

async function spaceOf(vectors: Matrix): Promise<NamedArrays> {
  // Pairs have two sides; the other takes no part.
  const nothing = matrixSource("nothing", matrix(vectors.rows, 1));
  const pairs = { from: matrixSource("vectors", vectors), side: null, to: nothing };
  const { others } = await momentsOf(pairs, new Int32Array(0), () => {});
  return spaceArrays("from", others);
}

const parts = ["mean", "directions", "slack"] as const;

/** The arrays of a space as bytes: mean, directions and slack. */
export function encodedSpace(role: SpaceRole, weights: NamedArrays): Uint8Array {
  const arrays = parts.map((part) => arrayNamed(weights, `space.${role}.${part}`).data);
  return Buffer.concat(arrays.map((data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
}

function decodedSpace(bytes: Uint8Array, dimensions: number): NamedArrays {
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  const k = (values.length - dimensions) / (dimensions + 1);
  const directions = dimensions * (k + 1);
  return {
    "space.from.mean": { shape: [dimensions], data: values.slice(0, dimensions) },
    "space.from.directions": { shape: [dimensions, k], data: values.slice(dimensions, directions) },
    "space.from.slack": { shape: [k], data: values.slice(directions) },
  };
}
