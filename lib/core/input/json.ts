/** What a JSON text may hold at most; anything beyond is refused before it is parsed. */
interface JsonLimits {
  /** Characters. */
  readonly length: number;
  /** Objects and lists within each other. */
  readonly depth: number;
  /** Values of any kind; each takes far more memory than text. */
  readonly values: number;
  /** Whether every number must be a whole one of at least 0, written in digits alone. */
  readonly naturals?: boolean;
}

type Refuse = (reason: string) => Error;

/**
 * The value of a JSON text of foreign origin. If it is not JSON, is beyond the limits or names a
 * member of an object twice, throws the error that `refuse` makes of the reason.
 */
export function boundedJson(text: string, limits: JsonLimits, refuse: Refuse): unknown {
  if (text.length > limits.length) {
    throw refuse(`has ${text.length} characters of JSON: at most ${limits.length} are allowed`);
  }
  checkStructure(text, limits, refuse);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse(`is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** An object or a list that is not closed yet. */
interface OpenValue {
  /** The names of an object so far; null for a list. */
  readonly names: Set<string> | null;
  /** Whether the next string is a name. */
  named: boolean;
}

const code = { quote: 34, comma: 44, colon: 58, list: 91, listEnd: 93, object: 123, objectEnd: 125 } as const;

/** Looks at each character once. What is not JSON at all is left to the parser. */
function checkStructure(text: string, { depth, values, naturals = false }: JsonLimits, refuse: Refuse): void {
  const open: OpenValue[] = [];
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    switch (character) {
      case code.quote: {
        const end = endOfString(text, at);
        noteString(text.slice(at, end + 1), open.at(-1), refuse);
        at = end;
        break;
      }
      case code.object:
      case code.list:
        count++;
        if (open.length >= depth) throw refuse(`nests deeper than ${depth} levels of JSON`);
        open.push({ names: character === code.object ? new Set() : null, named: true });
        break;
      case code.objectEnd:
      case code.listEnd:
        open.pop();
        break;
      case code.comma:
        count++;
        expectName(open, true);
        break;
      case code.colon:
        expectName(open, false);
        break;
      default:
        if (naturals && isNoNatural(text, at)) throw refuse("has a number that is not written as a natural one");
    }
    if (count > values) throw refuse(`has more than ${values} values of JSON`);
  }
}

/** The place of the closing quote, or of the text's end. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

function expectName(open: readonly OpenValue[], named: boolean): void {
  const inside = open.at(-1);
  if (inside !== undefined) inside.named = named;
}

function noteString(quoted: string, inside: OpenValue | undefined, refuse: Refuse): void {
  const escaped = quoted.includes("\\");
  const isName = inside?.named === true && inside.names !== null;
  if (!escaped && !isName) return;
  const content = escaped ? unescaped(quoted) : quoted.slice(1, -1);
  if (/[\uD800-\uDFFF]/u.test(content)) throw refuse("has a string that is not valid Unicode");
  if (!isName) return;
  if (inside.names?.has(content)) throw refuse(`names ${JSON.stringify(content.slice(0, 100))} twice in one object`);
  inside.names?.add(content);
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

function isNoNatural(text: string, at: number): boolean {
  const character = text[at];
  if (character === "-" || character === ".") return true;
  return (character === "e" || character === "E") && /\d/.test(text[at - 1] ?? "");
}
