/**
 * ROUGE-1 of a text beside a reference (Lin, 2004): the F-measure of the words that both have, each
 * as often as in the one that has it less often. Words are runs of a to z and digits in lower case,
 * without stemming, as in the package rouge-score. 0 if either has no word.
 */
export function rouge1(text: string, reference: string): number {
  const [found, wanted] = [wordsOf(text), wordsOf(reference)];
  const left = countsOf(wanted);
  let shared = 0;
  for (const word of found) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared += 1;
  }
  if (shared === 0) return 0;
  const [precision, recall] = [shared / found.length, shared / wanted.length];
  return (2 * precision * recall) / (precision + recall);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
