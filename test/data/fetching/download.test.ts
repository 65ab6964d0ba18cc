import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { random } from "../../../lib/core/random";
import { download } from "../../../lib/data/fetching/download";
import { temporaryFolder } from "../../temporary-folder";
import { type Answer, fileServer, withRanges } from "./file-server";

const stream = random(1, "download");
const content = Buffer.from(Uint8Array.from({ length: 300_000 }, () => stream.integer(256)));
const silent = (): void => {};

/** Where a test downloads to, with what an earlier run left. */
function target(left = 0): { readonly path: string; readonly partial: string } {
  const path = join(temporaryFolder(), "a.bin");
  if (left > 0) writeFileSync(`${path}.partial`, content.subarray(0, left));
  return { path, partial: `${path}.partial` };
}

describe("download", () => {
  it("brings the file, tells how much has come, and leaves nothing beside it", async () => {
    const { url, ranges } = await fileServer(withRanges(content));
    const { path, partial } = target();
    const report = vi.fn();
    await download(url, content.length, path, report);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(report).toHaveBeenLastCalledWith(content.length, content.length);
    expect([existsSync(partial), ranges]).toEqual([false, [undefined]]);
  });

  it("goes on after what an earlier run left", async () => {
    const { url, ranges } = await fileServer(withRanges(content));
    const { path } = target(100_001);
    const report = vi.fn();
    await download(url, content.length, path, report);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(ranges).toEqual(["bytes=100001-"]);
    expect(report.mock.calls.every(([done]) => done > 100_001)).toBe(true);
  });

  it("begins anew where the server ignores the range", async () => {
    const { url, ranges } = await fileServer((_, response) => response.end(content));
    const { path } = target(100_001);
    await download(url, content.length, path, silent);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(ranges).toEqual(["bytes=100001-"]);
  });

  it("asks for nothing where all has come, and begins anew where more than all has", async () => {
    const { url, ranges } = await fileServer(withRanges(content));
    const whole = target(content.length);
    await download(url, content.length, whole.path, silent);
    expect([readFileSync(whole.path).equals(content), ranges.length]).toEqual([true, 0]);
    const { path, partial } = target();
    writeFileSync(partial, Buffer.concat([content, content]));
    await download(url, content.length, path, silent);
    expect([readFileSync(path).equals(content), ranges]).toEqual([true, [undefined]]);
  });

  it("takes the server's word for a length that nobody published", async () => {
    const { url, ranges } = await fileServer(withRanges(content));
    const report = vi.fn();
    for (const left of [0, 100_001, content.length]) {
      const { path } = target(left);
      await download(url, null, path, report);
      expect(readFileSync(path).equals(content)).toBe(true);
    }
    expect(report).toHaveBeenLastCalledWith(content.length, content.length);
    expect(ranges).toEqual([undefined, "bytes=100001-", `bytes=${content.length}-`]);
  });

  it("keeps what has come when the connection breaks, and a second run ends it", async () => {
    let broken = false;
    const breaking: Answer = (request, response) => {
      if (broken) return withRanges(content)(request, response);
      broken = true;
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 120_000), () => setTimeout(() => response.destroy(), 100));
    };
    const { url, ranges } = await fileServer(breaking);
    const { path, partial } = target();
    await expect(download(url, content.length, path, silent)).rejects.toThrow(
      `${partial} is kept: run the same command again`,
    );
    expect(existsSync(path)).toBe(false);
    expect(content.subarray(0, 120_000).equals(readFileSync(partial))).toBe(true);
    await download(url, content.length, path, silent);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(ranges).toEqual([undefined, "bytes=120000-"]);
  });

  it("keeps nothing of a file that is longer than the catalogue's, and names the address once", async () => {
    const { url } = await fileServer((_, response) => response.end(Buffer.concat([content, content])));
    const { path, partial } = target(9);
    const said = `${url} is longer than the ${content.length} bytes of the catalogue: the server has another file`;
    await expect(download(url, content.length, path, silent)).rejects.toThrow(new Error(said));
    expect([existsSync(path), existsSync(partial)]).toEqual([false, false]);
  });

  it("refuses other answers, ranges and lengths, naming the address", async () => {
    const answers: readonly (readonly [Answer, string])[] = [
      [
        (_, response) => response.writeHead(404).end("gone"),
        `answers 404 to bytes from 9 on; a folder that holds ${basename(target().path)} can be named in FCT_DATA_MIRROR`,
      ],
      [
        (_, response) => response.writeHead(206, { "content-range": "bytes 5-299999/300000" }).end(content.subarray(5)),
        "answers 206 with range bytes 5-299999/300000 to bytes from 9 on",
      ],
      [(_, response) => response.end(content.subarray(0, 70)), `ended after 70 of ${content.length} bytes`],
    ];
    for (const [answer, said] of answers) {
      const { url } = await fileServer(answer);
      const { path } = target(9);
      await expect(download(url, content.length, path, silent)).rejects.toThrow(said);
      expect(existsSync(path)).toBe(false);
    }
    await expect(download("http://127.0.0.1:9/a", 5, target().path, silent)).rejects.toThrow("127.0.0.1:9/a cannot be");
  });
});
