import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Plain data, which recipes, models and results consist of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * JSON with sorted keys and without undefined members, so that equal values give equal text. Throws
 * if the value is not plain data: on NaN and infinities, functions, typed arrays, dates and maps.
 * Texts of objects that never change may be kept in `known`, for values that contain them.
 */
export function canonicalJson(value: unknown, known?: WeakMap<object, string>): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`${value} has no JSON form`);
  if (value === null || ["boolean", "number", "string"].includes(typeof value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((member) => canonicalJson(member, known)).join(",")}]`;
  if (!isPlainObject(value)) throw new TypeError(`${String(value)} is not plain data`);
  const text = known?.get(value) ?? objectJson(value, known);
  known?.set(value, text);
  return text;
}

function objectJson(value: Readonly<Record<string, unknown>>, known?: WeakMap<object, string>): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, known)}`);
  return `{${members.join(",")}}`;
}

/** Whether the value is an object of members: not an array, a date, a map and the like. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  // By its tag, not by its prototype: the objects of a notebook come from another realm.
  return Object.prototype.toString.call(value) === "[object Object]";
}

/** SHA-256 of bytes or of text in UTF-8, in hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** SHA-256 of a file of any size, in hexadecimal. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest("hex");
}

/** SHA-256 of a value's canonical JSON, which takes texts from `known` and adds to them. */
export function hashOf(value: unknown, known?: WeakMap<object, string>): string {
  return sha256(canonicalJson(value, known));
}

/**
 * JSON on several lines, to be read and compared: an object or a list takes one line if it contains
 * neither objects nor lists.
 */
export function jsonText(value: Json, indent = ""): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const members = Array.isArray(value)
    ? value.map((member: Json) => jsonText(member, inner))
    : entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${jsonText(member, inner)}`);
  if (members.length === 0) return `${open}${close}`;
  if (isNested(value)) return `${open}\n${members.map((member) => inner + member).join(",\n")}\n${indent}${close}`;
  return Array.isArray(value) ? `[${members.join(", ")}]` : `{ ${members.join(", ")} }`;
}

function entries(value: object): [string, Json][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

function isNested(value: object): boolean {
  return Object.values(value).some((member) => typeof member === "object" && member !== null);
}
