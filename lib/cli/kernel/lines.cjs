// Lines that overwrite themselves, such as progress: each is one display that is replaced, so that a shorter text leaves
// no tail of a longer one, and a notebook keeps no spaces that only wipe.
const { randomUUID } = require("node:crypto");

// biome-ignore lint/suspicious/noControlCharactersInRegex: these sequences wipe the rest of a line in a terminal.
const WIPES = /\x1b\[[012]?K/g;

/**
 * Takes what is written to a stream. `stream` gets plain text, `display` the whole of an overwritten line with its id,
 * and whether it replaces an earlier text.
 */
function lineWriter({ stream, display }) {
  /** The overwritten line: its id, its text, whether it was shown; null while the text is plain. */
  let line = null;
  /** Length of the unfinished plain line, which is already on the page. */
  let plain = 0;

  function writePlain(text) {
    if (text === "") return;
    stream(text);
    plain = text.includes("\n") ? text.length - text.lastIndexOf("\n") - 1 : plain + text.length;
  }

  function overwrite(text, ends) {
    const shown = text.trimEnd();
    if (shown !== line.shown && (shown !== "" || line.shown !== null)) {
      display(shown, line.id, line.shown !== null);
      line.shown = shown;
    }
    line.text = text;
    if (ends) line = null;
  }

  /** One line of the text, or the part of it that is there; `ends` if its end is. */
  function take(text, ends) {
    const at = text.lastIndexOf("\r");
    if (line === null && plain > 0 && at >= 0)
      return writePlain(`\r${" ".repeat(plain)}${text.slice(at)}${ends ? "\n" : ""}`);
    if (line === null && at < 0) return writePlain(`${text}${ends ? "\n" : ""}`);
    line ??= { id: randomUUID(), text: "", shown: null };
    // A return at the end waits for what comes to overwrite the line.
    if (at < 0) overwrite(line.returned && text !== "" ? text : line.text + text, ends);
    else if (at === text.length - 1 && !ends) overwrite(lastOf(text.slice(0, -1)) || line.text, false);
    else overwrite(text.slice(at + 1), ends);
    if (line !== null) line.returned = at >= 0 && at === text.length - 1;
  }

  return (piece) => {
    const text = piece.replaceAll("\r\n", "\n");
    if (line === null && !text.includes("\r")) return writePlain(text);
    const lines = text.replace(WIPES, "").split("\n");
    lines.forEach((each, index) => {
      const ends = index < lines.length - 1;
      if (each !== "" || ends) take(each, ends);
    });
  };
}

function lastOf(text) {
  return text.slice(text.lastIndexOf("\r") + 1);
}

module.exports = { lineWriter };
