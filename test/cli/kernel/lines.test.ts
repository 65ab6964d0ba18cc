import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../../../lib/core/paths";

interface Writers {
  readonly stream: (text: string) => void;
  readonly display: (text: string, id: string, update: boolean) => void;
}

const { lineWriter } = createRequire(import.meta.url)(join(projectRoot(), "lib", "cli", "kernel", "lines.cjs")) as {
  readonly lineWriter: (writers: Writers) => (text: string) => void;
};

/** What a page shows in the end: plain text, and overwritten lines in angle brackets. */
function shown(...pieces: readonly string[]): readonly string[] {
  const outputs: { text: string; id: string | null }[] = [];
  const write = lineWriter({
    stream: (text) => void outputs.push({ text, id: null }),
    display: (text, id, update) => {
      const earlier = outputs.find((output) => output.id === id);
      expect(earlier !== undefined, "an update of what is there").toBe(update);
      if (earlier === undefined) outputs.push({ text, id });
      else earlier.text = text;
    },
  });
  for (const piece of pieces) write(piece);
  return outputs.map(({ text, id }) => (id === null ? text : `<${text}>`));
}

it.each([
  ["plain text is passed on as it is", ["a\nb\n\n", "c"], ["a\nb\n\n", "c"]],
  ["a shorter text leaves no tail", ["\rfourteen rows", "\rnone"], ["<none>"]],
  ["spaces that wipe are not kept", [`\r${"x".padEnd(100)}`, `\r${"y".padEnd(100)}\n`], ["<y>"]],
  ["sequences that wipe are not kept", ["\rx\x1b[K", "\x1b[2K\ry\x1b[K\n", "z\n"], ["<y>", "z\n"]],
  ["a line ends, the next begins", ["\ra", "\rb\n", "\rc\n", "plain\n"], ["<b>", "<c>", "plain\n"]],
  ["pieces of a line are joined", ["\rab", "cd", "\n"], ["<abcd>"]],
  ["a return at the end overwrites later", ["10 %\r", "20 %\r", "done\n", "x\n"], ["<done>", "x\n"]],
  ["a return before the end of a line wipes nothing", ["\ra", "\rdone\r", "\n"], ["<done>"]],
  ["ends of lines as Windows has them are plain", ["a\r\nb\r\n"], ["a\nb\n"]],
  ["a plain line that is overwritten is wiped", ["0 %", "\r1 %"], ["0 %", "\r   \r1 %"]],
])("%s", (_, pieces, outputs) => {
  expect(shown(...pieces)).toEqual(outputs);
});
