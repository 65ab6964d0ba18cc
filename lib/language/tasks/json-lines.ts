import { isPlainObject } from "../../core/hash";
import { boundedJson } from "../../core/input/json";
import { readRegularFile } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { utf8Text } from "../texts/utf8";

/** A line of a file, and the error of what is wrong with it. */
export interface FileLine {
  readonly text: string;
  readonly refuse: (fault: string) => InputError;
}

// The largest of the tasks' files has 6 MB and 16,113 lines.
const mostBytes = 50_000_000;
const mostLines = 100_000;
const limits = { length: 50_000, depth: 6, values: 200 } as const;

/** The lines of a file. Throws InputError unless it is UTF-8 with a text in every line. */
export async function linesOf(path: string): Promise<readonly FileLine[]> {
  const bytes = await readRegularFile(path, { most: mostBytes });
  const lines = utf8Text(bytes, { file: path })
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
  if (lines.length > mostLines) {
    throw new InputError({ file: path, fault: `has ${lines.length} lines: at most ${mostLines} are allowed` });
  }
  return lines.map((text, index) => {
    const refuse = (fault: string): InputError => new InputError({ file: path, place: `line ${index + 1}`, fault });
    if (text.trim() === "") throw refuse("is empty");
    return { text, refuse };
  });
}

/** The object that a line is in JSON. Throws InputError, naming the line, if it is none. */
export function objectIn({ text, refuse }: FileLine): Readonly<Record<string, unknown>> {
  const found = boundedJson(text, limits, refuse);
  if (!isPlainObject(found)) throw refuse("is not a JSON object");
  return found;
}

/** A member that is a text, trimmed. Throws InputError if there is none, or it is empty. */
export function textMember(object: Readonly<Record<string, unknown>>, name: string, { refuse }: FileLine): string {
  const value = object[name];
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  throw refuse(`has no text ${JSON.stringify(name)}`);
}
