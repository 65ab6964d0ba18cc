import { createReadStream } from "node:fs";
import type { BundledFile } from "./bundle-content";

const longestName = 16;

/**
 * The newest version of the C library (glibc) that any of these programs and libraries asks for,
 * such as "2.34": an older one cannot load them. Read from the names that their symbols carry.
 */
export async function neededGlibc(files: readonly BundledFile[]): Promise<string> {
  let minor = 0;
  for (const { path, source } of files) {
    if (/(^bin\/|\.node$|\.so(\.\d+)*$)/.test(path)) minor = Math.max(minor, await newestMinor(source));
  }
  return `2.${minor}`;
}

async function newestMinor(path: string): Promise<number> {
  let newest = 0;
  let rest = "";
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 22 })) {
    const text = rest + (chunk as Buffer).toString("latin1");
    for (const [, minor] of text.matchAll(/\0GLIBC_2\.(\d{1,2})(?:\.\d)?\0/g)) newest = Math.max(newest, Number(minor));
    rest = text.slice(-longestName);
  }
  return newest;
}
