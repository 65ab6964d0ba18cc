import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openFileHandle, openRegularFile, readRegularFile } from "../../../lib/core/input/open-file";
import { readLabels } from "../../../lib/files/labels";
import { openMatrix } from "../../../lib/files/matrix-file";
import { readWeights } from "../../../lib/files/weights";
import { readTorchFile } from "../../../lib/interop/torch-file";
import { temporaryFolder } from "../../temporary-folder";

const readers = {
  openRegularFile: async (path: string) => openRegularFile(path),
  openFileHandle,
  readRegularFile: (path: string) => readRegularFile(path, { most: 1 }),
  openMatrix,
  readLabels: (path: string) => readLabels(path),
  readWeights,
  readTorchFile,
};

describe.each(Object.entries(readers))("%s refuses, by name and at once,", (_, read) => {
  const expectRefusal = async (path: string, fault: string): Promise<void> => {
    const error: unknown = await read(path).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      name: "InputError",
      file: path,
      message: expect.stringContaining(`${path}: ${fault}`),
    });
  };

  test("a pipe that nobody writes to, and a link to it", async () => {
    const pipe = join(temporaryFolder(), "a.npy");
    execFileSync("mkfifo", [pipe]);
    symlinkSync(pipe, `${pipe}.link`);
    await expectRefusal(pipe, "is a pipe");
    await expectRefusal(`${pipe}.link`, "is a pipe");
  });

  test("a device, a socket and a folder", async () => {
    const folder = temporaryFolder();
    await expectRefusal("/dev/zero", "is a device");
    await expectRefusal(folder, "is a folder");
    const server = createServer().listen(join(folder, "socket"));
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    await expectRefusal(join(folder, "socket"), "is a socket");
  });

  test("what is missing, leads in a circle or has a name too long", async () => {
    const folder = temporaryFolder();
    symlinkSync(join(folder, "circle"), join(folder, "circle"));
    writeFileSync(join(folder, "file"), "");
    await expectRefusal(join(folder, "none"), "there is no such file");
    await expectRefusal(join(folder, "file", "none"), "there is no such file");
    await expectRefusal(join(folder, "circle"), "is a link that leads in a circle");
    await expectRefusal(join(folder, "x".repeat(300)), "has a longer name");
  });

  test.skipIf(process.getuid?.() === 0)("what this user may not read", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "closed"));
    writeFileSync(join(folder, "closed", "a"), "");
    chmodSync(join(folder, "closed"), 0);
    await expectRefusal(join(folder, "closed", "a"), "may not be accessed");
  });
});

test("a file longer than allowed is not read", async () => {
  const path = join(temporaryFolder(), "a");
  writeFileSync(path, "12345");
  expect((await readRegularFile(path, { most: 5 })).toString()).toBe("12345");
  await expect(readRegularFile(path, { most: 4 })).rejects.toThrow(`${path}: has 5 bytes: at most 4 are allowed`);
});
