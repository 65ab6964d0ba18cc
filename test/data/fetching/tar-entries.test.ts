import { describe, expect, it } from "vitest";
import { tarEntries } from "../../../lib/data/fetching/tar-entries";

interface Fields {
  readonly name?: string;
  readonly size?: Buffer;
  readonly type?: string;
  readonly magic?: string;
  readonly owner?: string;
}

/** A header block, and the content in whole blocks. */
function entry(
  content: string,
  { name = "a", size, type = "0", magic = "ustar\x0000", owner = "" }: Fields = {},
): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  (size ?? Buffer.from(`${content.length.toString(8).padStart(11, "0")} `)).copy(block, 124);
  block.write(owner, 108, "latin1");
  block.write(" ".repeat(8), 148);
  block.write(type, 156);
  block.write(magic, 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([block, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

const end = Buffer.alloc(1024);
const base256 = (first: number, value: number): Buffer => {
  const field = Buffer.alloc(12);
  field[0] = first;
  field.writeUInt32BE(value, 8);
  return field;
};

/** What is read of these parts, which come in chunks of a few bytes. */
async function read(...parts: readonly Buffer[]): Promise<readonly string[]> {
  const bytes = Buffer.concat(parts);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 199) yield bytes.subarray(at, at + 199);
  }
  const found: string[] = [];
  for await (const { path, kind, content } of tarEntries("a.tar", chunks())) {
    let text = "";
    for await (const part of content) text += Buffer.from(part).toString();
    found.push(`${kind} ${path}: ${text}`);
  }
  return found;
}

describe("a tar archive", () => {
  const long = `${"x".repeat(200)}/y`;
  const pax = (text: string): string => {
    const record = ` path=${text}\n`;
    return `${record.length + 3}${record}`;
  };

  it("gives its entries up to the end block, and none behind it", async () => {
    const first = [entry("one"), entry("", { name: "b/", type: "5" }), entry("x".repeat(700), { name: "c" })];
    const expected = ["file a: one", "folder b/: ", `file c: ${"x".repeat(700)}`];
    expect(await read(...first, end)).toEqual(expected);
    expect(await read(...first)).toEqual(expected);
    expect(await read(...first, end, entry("late"))).toEqual(expected);
    expect(await read(end)).toEqual([]);
  });

  it("takes names from extended headers, pax and GNU, and sizes in base 256", async () => {
    expect(await read(entry(pax(long), { type: "x" }), entry("1"), entry("2"), end)).toEqual([
      `file ${long}: 1`,
      "file a: 2",
    ]);
    expect(await read(entry(`${long}\0`, { type: "L", magic: "ustar  " }), entry("1"), end)).toEqual([
      `file ${long}: 1`,
    ]);
    expect(await read(entry("seven", { size: base256(0x80, 5) }), end)).toEqual(["file a: seven"]);
    expect(await read(entry("9 size=4\n", { type: "x" }), entry("four", { size: base256(0x80, 0) }), end)).toEqual([
      "file a: four",
    ]);
  });

  it.each<[string, Buffer, RegExp]>([
    ["a size in base 256 that is none", entry("x", { size: base256(0x81, 1) }), /byte 512: .*size field/],
    ["a negative size", entry("x", { size: Buffer.alloc(12, 255) }), /size field/],
    ["a size of no digits", entry("x", { size: Buffer.from("not a number") }), /size field/],
    ["a size beyond 2^53", entry("x", { size: Buffer.alloc(12, 0x80) }), /size field/],
    ["a long name of no size", entry("x", { type: "L", size: base256(0x81, 0) }), /size field/],
    [
      "an extended header of 2 GiB",
      entry("x", { type: "x", size: base256(0x80, 2 ** 31) }),
      /header of 2147483648 bytes/,
    ],
    ["a record that is cut", entry("99 path=x\n", { type: "x" }), /record of its extended header/],
    ["a record of no length", entry("path=x\n", { type: "x" }), /record of its extended header/],
    ["a size in a record that is none", entry("10 size=x\n", { type: "x" }), /size "x" is not a length/],
    ["an owner that is no number", entry("x", { owner: "0000\xa0" }), /owner field/],
    [
      "an extended header at its end",
      Buffer.concat([entry("10 path=b\n", { type: "x" }), end]),
      /ends after an extended/,
    ],
    ["nothing in it", Buffer.alloc(0), /it is empty/],
    ["another format", entry("x", { magic: "zip" }), /unknown format/],
    ["a header with a changed byte", Buffer.concat([Buffer.from("b"), entry("x").subarray(1)]), /checksum/],
    ["a cut content", entry("x".repeat(600)).subarray(0, 900), /cut short/],
    ["a cut header", entry("x").subarray(0, 300), /cut short/],
  ])("is refused by name for %s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({
      name: "InputError",
      message: expect.stringMatching(/^a\.tar, byte/),
    });
    await expect(read(bytes)).rejects.toThrow(message);
  });
});
