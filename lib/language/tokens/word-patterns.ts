/** How a tokenizer.json writes a pattern, and what finds the same words here. */
interface WordPattern {
  /** In the syntax of Oniguruma; null for the one that its kind implies. */
  readonly written: string | null;
  readonly words: RegExp;
}

// \s of Oniguruma is \p{White_Space}, that of JavaScript is not; (?i:s) also takes a long s.
const contractions = String.raw`'[sS\u017f]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]`;
const white = String.raw`\p{White_Space}`;
const others = String.raw`[^\p{White_Space}\p{L}\p{N}]+`;
const spaces = String.raw`${white}+(?!\P{White_Space})|${white}+`;

/** Cuts numbers after so many digits, and keeps line ends with what is before them. */
function withLines(digits: string): RegExp {
  const words = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}${digits}| ?${others}[\r\n]*|${white}*[\r\n]+`;
  return new RegExp(`${contractions}|${words}|${spaces}`, "gu");
}

function writtenWithLines(digits: string): string {
  return String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
}

/**
 * The patterns of words that are read. A pattern of a file is compared, never run, since one may be
 * written so that it takes for ever.
 */
export const knownPatterns: Readonly<Record<"gpt2" | "llama3" | "qwen2", WordPattern>> = {
  gpt2: {
    written: null,
    words: new RegExp(String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?${others}|${spaces}`, "gu"),
  },
  llama3: { written: writtenWithLines("{1,3}"), words: withLines("{1,3}") },
  qwen2: { written: writtenWithLines(""), words: withLines("") },
};
