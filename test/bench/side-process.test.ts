import { describe, expect, test } from "vitest";
import { startSide } from "../../lib/bench/side-process";

const serving = `
  console.log(JSON.stringify({ ready: true }));
  require("readline").createInterface({ input: process.stdin })
    .on("line", () => console.log("a library's word\\n{broken\\n" + JSON.stringify({ seconds: 0.5, units: 3 })))
    .on("close", () => console.log(JSON.stringify({ peakBytes: 2048 })));
`;

const node = (program: string) => ({ command: process.execPath, words: ["-e", program] });

describe("a side", () => {
  test("serves rounds until it is ended; what else it prints is passed over", async () => {
    const side = await startSide("made up", node(serving));
    expect(await side.round()).toEqual({ seconds: 0.5, units: 3 });
    expect(await side.round()).toEqual({ seconds: 0.5, units: 3 });
    expect(await side.end()).toBe(2048);
  });

  test("that dies before it is ready says its last words", async () => {
    const dying = startSide("made up", node('console.error("no memory"); process.exit(3)'));
    await expect(dying).rejects.toThrow(/made up: it ended by exit code 3[\s\S]*no memory/);
  });

  test("that dies in a round says so", async () => {
    const program = `${serving} require("readline").createInterface({ input: process.stdin }).on("line", () => process.exit(4));`;
    const side = await startSide("made up", node(program.replace('console.log("a', 'void ("a')));
    await expect(side.round()).rejects.toThrow("made up: it ended by exit code 4");
  });

  test("whose program is missing names it", async () => {
    await expect(startSide("made up", { command: "no-such-program", words: [] })).rejects.toThrow("no-such-program");
  });
});
