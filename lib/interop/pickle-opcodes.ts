/**
 * Throws Error at the first instruction of a pickle that is unknown or whose value is longer than
 * the rest of the pickle, negative, or a number of more digits than weights need. What passes is
 * parsed in time that grows with its length.
 */
export function checkPickle(pickle: Uint8Array): void {
  const bytes = Buffer.from(pickle.buffer, pickle.byteOffset, pickle.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const opcode = bytes[at] as number;
    if (opcode === stop) return;
    const length = valueBytes(bytes, opcode, at + 1);
    if (!(length >= 0 && length <= bytes.length - at - 1)) {
      throw new Error(`the value at byte ${at} is of ${length} bytes, beyond the end of the pickle`);
    }
    at += 1 + length;
  }
  throw new Error("it ends before its last instruction");
}

const stop = ".".charCodeAt(0);
/** Instructions without a value, then those with one of a fixed number of bytes. */
const fixed: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    [..."(012N)tl]ae}dsuobRQ\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98"].map((c) => [c, 0]),
  ),
  ...{ q: 1, h: 1, K: 1, "\x80": 1, "\x82": 1, M: 2, "\x83": 2, r: 4, j: 4, J: 4, "\x84": 4, G: 8, "\x95": 8 },
};
/** How many lines of text follow. */
const lines: Readonly<Record<string, number>> = { p: 1, g: 1, I: 1, L: 1, F: 1, S: 1, V: 1, P: 1, c: 2, i: 2 };
/** The bytes of the length in front of the value: strings, bytes and long numbers. */
const prefixed: Readonly<Record<string, 1 | 4 | 8>> = {
  ...{ U: 1, C: 1, "\x8a": 1, "\x8c": 1 },
  ...{ T: 4, X: 4, B: 4, "\x8b": 4 },
  ...{ "\x8d": 8, "\x8e": 8, "\x96": 8 },
};

// Longer ones take time that grows with the square of their length.
const mostDigits = 1000;
const digits: ReadonlySet<string> = new Set(["I", "L", "F", "\x8b"]);

/** Bytes of the value after an instruction, its length included. */
function valueBytes(bytes: Buffer, opcode: number, start: number): number {
  const name = String.fromCharCode(opcode);
  const length = plainBytes(bytes, name, start);
  if (digits.has(name) && length > mostDigits) throw new Error(`the number at byte ${start} is of ${length} bytes`);
  return length;
}

function plainBytes(bytes: Buffer, name: string, start: number): number {
  const known = fixed[name] ?? null;
  if (known !== null) return known;
  const prefix = prefixed[name];
  if (prefix !== undefined) return prefix + lengthAt(bytes, start, prefix, name === "B");
  let end = start;
  for (let left = lines[name] ?? 0; left > 0; left--) {
    const newline = bytes.indexOf(0x0a, end);
    if (newline < 0) throw new Error(`the line at byte ${end} does not end`);
    end = newline + 1;
  }
  if (end === start)
    throw new Error(`its instruction ${name.charCodeAt(0)} at byte ${start - 1} is not one of weights`);
  return end - start;
}

function lengthAt(bytes: Buffer, start: number, prefix: 1 | 4 | 8, signed: boolean): number {
  if (start + prefix > bytes.length) return Number.POSITIVE_INFINITY;
  if (prefix === 1) return bytes.readUInt8(start);
  if (prefix === 8) return Number(bytes.readBigUInt64LE(start));
  return signed ? bytes.readInt32LE(start) : bytes.readUInt32LE(start);
}
