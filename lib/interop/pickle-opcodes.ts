import { isAscii, isUtf8 } from "node:buffer";

/**
 * Throws Error at the first instruction of a pickle that weights do not need, whose value is longer
 * than the rest of the pickle, negative, not text or a number of more digits than weights need, or
 * that takes more from the stack than is there. What passes is parsed in time that grows with its
 * length. The instructions are those that pickle's protocols 2 to 4 use for dictionaries, lists,
 * tuples, texts and numbers, and for objects that are named and called.
 */
export function checkPickle(pickle: Uint8Array): void {
  const bytes = Buffer.from(pickle.buffer, pickle.byteOffset, pickle.byteLength);
  const stack = emptyStack();
  for (let at = 0; at < bytes.length; ) {
    const name = String.fromCharCode(bytes[at] as number);
    const length = valueBytes(bytes, name, at + 1);
    if (!(length >= 0 && length <= bytes.length - at - 1)) {
      throw new Error(`the value at byte ${at} is of ${length} bytes, beyond the end of the pickle`);
    }
    const value = bytes.subarray(at + 1, at + 1 + length);
    checkText(name, value, at);
    if (!applied(stack, name, value)) throw new Error(`its instruction at byte ${at} takes what is not there`);
    if (name === stop) return;
    at += 1 + length;
  }
  throw new Error("it ends before its last instruction");
}

const stop = ".";
/** What instructions without a mark take from the stack and put there. */
const effects: Readonly<Record<string, readonly [takes: number, puts: number]>> = {
  ...Object.fromEntries([..."N)]}\x88\x89\x8f\x8a\x8cGKMJXTUBCc"].map((name) => [name, [0, 1]])),
  ...Object.fromEntries(["\x80", "\x95"].map((name) => [name, [0, 0]])),
  ...{ Q: [1, 1], R: [2, 1], b: [2, 1], a: [2, 1], s: [3, 1], "\x81": [2, 1], "\x93": [2, 1], [stop]: [1, 0] },
  ...{ "\x85": [1, 1], "\x86": [2, 1], "\x87": [3, 1] },
};
/** Instructions with a value of a fixed number of bytes. */
const fixed: Readonly<Record<string, number>> = {
  ...{ q: 1, h: 1, K: 1, "\x80": 1, M: 2, r: 4, j: 4, J: 4, G: 8, "\x95": 8 },
};
/** The bytes of the length in front of the value: strings, bytes and long numbers. */
const prefixed: Readonly<Record<string, 1 | 4>> = { U: 1, C: 1, "\x8a": 1, "\x8c": 1, T: 4, X: 4, B: 4 };
const withMark: ReadonlySet<string> = new Set("(tueqrhj\x94\x90");

interface Stack {
  /** How many values there are, marks left out. */
  depth: number;
  /** How many there were at each mark. */
  readonly marks: number[];
  readonly remembered: Set<number>;
}

function emptyStack(): Stack {
  return { depth: 0, marks: [], remembered: new Set() };
}

/** Does to the stack what an instruction does; false if it takes what is not there. */
function applied(stack: Stack, name: string, value: Buffer): boolean {
  const above = (): number => stack.depth - (stack.marks.at(-1) ?? 0);
  switch (name) {
    case "(":
      stack.marks.push(stack.depth);
      return true;
    case "t":
    case "u":
    case "e":
    case "\x90":
      return toMark(stack, name, above());
    case "q":
    case "r":
      stack.remembered.add(value.readUIntLE(0, value.length));
      return above() > 0;
    case "\x94":
      stack.remembered.add(stack.remembered.size);
      return above() > 0;
    case "h":
    case "j":
      stack.depth++;
      return stack.remembered.has(value.readUIntLE(0, value.length));
    default: {
      const [takes, puts] = effects[name] ?? [0, 0];
      const enough = above() >= takes && (name !== stop || stack.marks.length === 0);
      stack.depth += puts - takes;
      return enough;
    }
  }
}

/** Makes a tuple of what lies above the last mark, or adds it to the object below. */
function toMark(stack: Stack, name: string, items: number): boolean {
  const mark = stack.marks.pop();
  if (mark === undefined) return false;
  stack.depth = name === "t" ? mark + 1 : mark;
  if (name === "t") return true;
  return mark > (stack.marks.at(-1) ?? 0) && (name !== "u" || items % 2 === 0);
}

function checkText(name: string, value: Buffer, at: number): void {
  const text = value.subarray(prefixed[name] ?? 0);
  const wrong = "X\x8cc".includes(name) ? !isUtf8(text) : "TU".includes(name) && !isAscii(text);
  if (wrong) throw new Error(`the text at byte ${at} is damaged`);
}

// Longer ones take time that grows with the square of their length.
const mostDigits = 1000;

/** Bytes of the value after an instruction, its length included. */
function valueBytes(bytes: Buffer, name: string, start: number): number {
  const prefix = prefixed[name];
  if (prefix !== undefined) {
    const length = lengthAt(bytes, start, prefix, name === "B" || name === "T");
    if (name === "\x8a" && length > mostDigits) throw new Error(`the number at byte ${start} is of ${length} bytes`);
    return prefix + length;
  }
  if (name === "c") return lineEnd(bytes, lineEnd(bytes, start)) - start;
  if (effects[name] !== undefined || withMark.has(name)) return fixed[name] ?? 0;
  throw new Error(`its instruction ${name.charCodeAt(0)} at byte ${start - 1} is not one of weights`);
}

function lineEnd(bytes: Buffer, start: number): number {
  const newline = bytes.indexOf(0x0a, start);
  if (newline < 0) throw new Error(`the line at byte ${start} does not end`);
  return newline + 1;
}

function lengthAt(bytes: Buffer, start: number, prefix: 1 | 4, signed: boolean): number {
  if (start + prefix > bytes.length) return Number.POSITIVE_INFINITY;
  if (prefix === 1) return bytes.readUInt8(start);
  return signed ? bytes.readInt32LE(start) : bytes.readUInt32LE(start);
}
