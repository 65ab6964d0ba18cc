import { InputError } from "../../core/input-error";

/**
 * The text of bytes, without a byte order mark. Throws InputError, naming the file, a place in it
 * if there is one, and the first wrong byte, on bytes that are not UTF-8.
 */
export function utf8Text(bytes: Uint8Array, where: { readonly file: string; readonly place?: string }): string {
  const text = decoded(bytes);
  if (text !== null) return text;
  const fault = `is not UTF-8: its byte ${firstForeign(bytes)} begins no character`;
  throw new InputError({ ...where, fault, remedy: "convert it, as by iconv -f latin1 -t utf-8" });
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Where the first bytes that are no character begin. */
function firstForeign(bytes: Uint8Array): number {
  // All bytes before `good` may begin a text; halving, since a longer part of them never is better.
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (mayBegin(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  while (decoded(bytes.subarray(0, good)) === null) good -= 1;
  return good;
}

/** Whether bytes are UTF-8, but for a last character that is not complete. */
function mayBegin(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
