import { isPlainObject } from "../../core/hash";
import { InputError } from "../../core/input-error";

/** Reads the members of an object of a file. Each throws InputError that names the member. */
export interface Members {
  readonly value: (name: string) => unknown;
  /** A whole number from 1 to `most`. */
  readonly whole: (name: string, range: { readonly most: number; readonly missing?: number }) => number;
  readonly positive: (name: string, missing?: number) => number;
  readonly flag: (name: string, missing: boolean) => boolean;
  /** What one of several words stands for. */
  readonly oneOf: <T extends string>(name: string, words: Readonly<Record<string, T>>) => T;
  /** The members of an object; null if there is none. */
  readonly inside: (name: string) => Members | null;
  /** The error of a member that is not as expected. */
  readonly refuse: (name: string, found: string, expected: string) => InputError;
}

/** Reads the members of `object`, which stands in `file`, at `place` if that is not the whole. */
export function members(object: Readonly<Record<string, unknown>>, file: string, place = ""): Members {
  const refuse: Members["refuse"] = (name, found, expected) =>
    new InputError({ file, place: `${place}${name}`, fault: `is ${found}: ${expected} is expected` });
  // null stands for a missing member in these files.
  const value = (name: string): unknown => (Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined);
  const read = <T>(
    name: string,
    missing: T | undefined,
    kind: { is: (found: unknown) => boolean; expected: string },
  ): T => {
    const found = value(name);
    if (found === undefined && missing !== undefined) return missing;
    if (!kind.is(found)) throw refuse(name, shown(found), kind.expected);
    return found as T;
  };
  return {
    value,
    whole: (name, { most, missing }) =>
      read(name, missing, {
        is: (found) => Number.isSafeInteger(found) && (found as number) >= 1 && (found as number) <= most,
        expected: `a whole number from 1 to ${most}`,
      }),
    positive: (name, missing) =>
      read(name, missing, {
        is: (found) => Number.isFinite(found) && (found as number) > 0,
        expected: "a number above 0",
      }),
    flag: (name, missing) =>
      read(name, missing, { is: (found) => typeof found === "boolean", expected: "true or false" }),
    oneOf: (name, words) => {
      const found = value(name);
      const word = typeof found === "string" && Object.hasOwn(words, found) ? words[found] : undefined;
      if (word === undefined) throw refuse(name, shown(found), `one of ${Object.keys(words).join(", ")}`);
      return word;
    },
    inside: (name) => {
      const found = value(name);
      if (found === undefined) return null;
      if (!isPlainObject(found)) throw refuse(name, shown(found), "an object");
      return members(found, file, `${place}${name}.`);
    },
    refuse,
  };
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 100);
}
