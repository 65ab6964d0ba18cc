import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../core/hash";

/** What checksums.json says of one file. */
interface Checksum {
  readonly bytes: number;
  readonly sha256: string;
}

/** The content of a committed data file, once its length and SHA-256 are those of checksums.json beside it; throws otherwise. */
export async function readChecked(folder: string, name: string): Promise<Uint8Array> {
  const expected = await checksumOf(folder, name);
  const path = join(folder, name);
  const content = await readFile(path).catch((cause: unknown) => {
    throw new Error(`${path} cannot be read: ${restore(name)}`, { cause });
  });
  if (content.length !== expected.bytes) {
    throw new Error(`${path} has ${content.length} bytes instead of ${expected.bytes}: ${restore(name)}`);
  }
  const found = sha256(content);
  if (found !== expected.sha256) {
    throw new Error(`${path} was altered, its SHA-256 is ${found} instead of ${expected.sha256}: ${restore(name)}`);
  }
  return content;
}

async function checksumOf(folder: string, name: string): Promise<Checksum> {
  const path = join(folder, "checksums.json");
  const known: unknown = JSON.parse(await readFile(path, "utf8"));
  const checksum = isObject(known) ? known[name] : undefined;
  if (!isObject(checksum) || typeof checksum.bytes !== "number" || typeof checksum.sha256 !== "string") {
    throw new Error(`${path} has no { bytes, sha256 } of ${name}: ${restore("checksums.json")}`);
  }
  return { bytes: checksum.bytes, sha256: checksum.sha256 };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function restore(name: string): string {
  return `restore it with "git checkout -- data/${name}"`;
}
