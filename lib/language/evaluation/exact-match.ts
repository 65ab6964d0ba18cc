/**
 * The last number of a text, without the commas of its thousands and without a trailing point; null
 * if it has none. It is the answer to a task of mathematics, as in GSM8K.
 */
export function finalNumber(text: string): string | null {
  const numbers = text.match(/-?\d[\d,]*(?:\.\d+)?/g);
  return numbers?.at(-1)?.replaceAll(",", "") ?? null;
}
