/** Text as plotly shows it: its few HTML tags are made ordinary characters. */
export function plainText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** `text` broken between words into lines of at most `width` characters where possible, as plotly shows it. */
export function wrappedText(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.map(plainText).join("<br>");
}

/** What a reader sees of text that plotly shows: tags left out, characters restored. */
export function shownText(text: string): string {
  const bare = text
    .replace(/<[^>]*>/g, " ")
    .replace(/ +/g, " ")
    .trim();
  return bare.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
