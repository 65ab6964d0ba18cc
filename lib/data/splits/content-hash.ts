import { createHash } from "node:crypto";
import { sha256 } from "../../core/hash";
import type { ContentHash, Dataset, ImageSplit } from "./dataset";

const known = new WeakMap<Dataset, Promise<ContentHash>>();

/**
 * What a dataset's images are known by, computed once a process. Pixels are those of `pixels`,
 * under their class names; the order in which an archive or a folder holds the images does not
 * matter.
 */
export function contentHash(dataset: Dataset): Promise<ContentHash> {
  const hash = known.get(dataset) ?? dataset.identity?.() ?? pixelsHash(dataset);
  known.set(dataset, hash);
  return hash;
}

async function pixelsHash({ train, test }: Dataset): Promise<ContentHash> {
  return { kind: "pixels", train: await splitHash(train), test: await splitHash(test) };
}

/** Images are read one after the other; only their hashes are held. */
async function splitHash({ shape, labels, classNames, pixels }: ImageSplit): Promise<string> {
  const lines: string[] = [];
  for (const [index, label] of labels.entries()) {
    lines.push(`${JSON.stringify(classNames[label])} ${sha256(await pixels(index))}\n`);
  }
  const hash = createHash("sha256").update(`${shape.join(" x ")}\n`);
  for (const line of lines.sort()) hash.update(line);
  return hash.digest("hex");
}
