import { plainText, typographic } from "../text/text";

/** Advance widths of " " to "~" in DejaVu Sans, hundredths of an em, three characters each. */
const advances =
  " 32 41 46 84 64 96 78 28 40 40 50 84 32 37 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 54" +
  "100 69 69 70 78 64 58 78 76 30 30 66 56 87 75 79 61 79 70 64 62 74 69 99 69 62 69 40 34 40 84 50" +
  " 50 62 64 55 64 62 36 64 64 28 28 58 28 98 64 62 64 64 42 53 40 64 60 82 60 60 53 64 34 64 84";

/** The width of all other characters, and how much wider bold type is. */
const otherAdvance = 84;
const spaceAdvance = 32;
const bold = 1.13;

/** How a text is set: its size in pixels, and whether it is bold. */
export interface Type {
  readonly size: number;
  readonly bold?: boolean;
}

/** The width of a text in DejaVu Sans, pixels; that of common substitutes is no larger. */
export function textWidth(text: string, type: Type): number {
  const sum = [...typographic(text)].reduce((width, character) => width + advanceOf(character), 0);
  return (sum / 100) * type.size * (type.bold ? bold : 1);
}

function advanceOf(character: string): number {
  const place = 3 * ((character.codePointAt(0) ?? 0) - 32);
  if (character === "\u00a0") return spaceAdvance;
  return place >= 0 && place < advances.length ? Number(advances.slice(place, place + 3)) : otherAdvance;
}

/**
 * A text in lines of at most `pixels`: broken between words, but not at a no-break space, and
 * within a word only if it is wider.
 */
export function textLines(text: string, pixels: number, type: Type): readonly string[] {
  const lines: string[] = [];
  for (const word of typographic(text)
    .split(/[ \n\t]+/)
    .flatMap((each) => pieces(each, pixels, type))) {
    const line = lines.at(-1);
    const longer = line === undefined || line === "" ? word : `${line} ${word}`;
    if (line === undefined || textWidth(longer, type) > pixels) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** A word in pieces of at most `pixels`, of at least one character each. */
function pieces(word: string, pixels: number, type: Type): readonly string[] {
  const found: string[] = [];
  for (const character of word) {
    const piece = found.at(-1);
    if (piece === undefined || textWidth(piece + character, type) > pixels) found.push(character);
    else found[found.length - 1] = piece + character;
  }
  return found;
}

/** Lines as one text for plotly, markup taken literally. */
export function brokenText(lines: readonly string[]): string {
  return lines.map(plainText).join("<br>");
}
