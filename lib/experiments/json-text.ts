import type { Json } from "../core/hash";

/** JSON over several lines for reading and diffing: an object or list without objects or lists inside takes one line. */
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
