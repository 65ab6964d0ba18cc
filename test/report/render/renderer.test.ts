import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { DrawRequest } from "../../../lib/report/render/kaleido";
import { Renderer } from "../../../lib/report/render/renderer";
import { temporaryFolder } from "../../temporary-folder";

const request = { format: "svg", width: 1, height: 1, scale: 1 } as DrawRequest;
const ready = 'say({ code: 0, message: null, result: null, version: "1" });';
const answering = 'lines.on("line", () => say({ code: 0, message: null, result: "a figure" }));';

/** A stand-in for the browser: the first process runs one program, those after it another. */
function renderer(first: string, later: string, seconds: number, idleSeconds: number = 60): Renderer {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "bin"));
  const program = `#!${process.execPath}
    const fs = require("node:fs");
    const say = (reply) => console.log(JSON.stringify(reply));
    const lines = require("node:readline").createInterface({ input: process.stdin });
    const isFirst = !fs.existsSync("begun");
    fs.writeFileSync("begun", "");
    console.error("the locale is not supported");
    if (isFirst) { ${first} } else { ${later} }`;
  writeFileSync(join(folder, "bin", "kaleido"), program);
  chmodSync(join(folder, "bin", "kaleido"), 0o755);
  const drawing = new Renderer(folder, { seconds, idleSeconds });
  onTestFinished(() => drawing.close());
  return drawing;
}

const silent = `${ready} setInterval(() => {}, 1000);`;
const works = `${ready} ${answering}`;

it("waits for a slow browser, whose every answer renews the patience", async () => {
  const slow = `${ready} let turn = 0; lines.on("line", () => setTimeout(() => say({ code: 0, message: null, result: "slow" }), 400 * ++turn));`;
  const drawing = renderer(slow, works, 0.9);
  expect(await Promise.all([1, 2, 3].map(() => drawing.draw(request)))).toEqual(["slow", "slow", "slow"]);
});

// Those that are waited for in vain leave time for a fresh browser to start on a busy machine.
it.each([
  ["stays silent", 2, silent],
  ["never says that it has started", 2, "setInterval(() => {}, 1000);"],
  ["is killed", 20, `${ready} lines.on("line", () => process.kill(process.pid, "SIGKILL"));`],
  ["says what is not JSON", 20, `${ready} lines.on("line", () => console.log("oops"));`],
])("gives every figure to a fresh browser when the first %s", async (_, patience, first) => {
  const drawing = renderer(first, works, patience);
  expect(await Promise.all([drawing.draw(request), drawing.draw(request)])).toEqual(["a figure", "a figure"]);
});

it("does not wait long for a browser that hangs, but for one that works", async () => {
  const hanging = renderer(silent, works, 300, 2);
  expect(await hanging.draw(request)).toBe("a figure");
  const busy = `${ready} lines.on("line", () => {
    const end = Date.now() + 5000;
    while (Date.now() < end);
    say({ code: 0, message: null, result: "at last" });
  });`;
  expect(await renderer(busy, works, 300, 2).draw(request)).toBe("at last");
});

it("names its patience, not the browser's chatter, when every browser stays silent", async () => {
  const failure = (seconds: number, idleSeconds?: number): Promise<string> =>
    renderer(silent, silent, seconds, idleSeconds)
      .draw(request)
      .then(() => "drawn")
      .catch((error: Error) => error.message);
  expect(await failure(0.4)).toMatch(/in 4 attempts: kaleido did not answer within 0.4 s$/);
  expect(await failure(60, 1)).toMatch(/in 4 attempts: kaleido did nothing for 1 s$/);
});

it("does not try again what the browser refuses", async () => {
  const refusing = `${ready} lines.on("line", () => say({ code: 525, message: "no such trace", result: null }));`;
  await expect(renderer(refusing, works, 5).draw(request)).rejects.toThrow(/cannot draw.*no such trace/);
});
