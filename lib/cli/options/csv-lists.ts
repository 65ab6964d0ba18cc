/** About as many characters go into a part. */
const partLength = 2 ** 20;

/**
 * Lines of CSV, a list of them for each query, as the parts of a file: of millions of lines neither
 * one text can be made nor a list held. Every list has a line or more.
 */
export function csvParts(head: string, queries: number, linesOf: (query: number) => readonly string[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let text = `${head}\n`;
  for (let query = 0; query < queries; query++) {
    text += `${linesOf(query).join("\n")}\n`;
    if (text.length < partLength) continue;
    parts.push(Buffer.from(text));
    text = "";
  }
  return [...parts, Buffer.from(text)];
}
