import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../core/store";

const stampName = "unpacked-from.json";
const schema = z.strictObject({
  files: z.array(z.strictObject({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});

/** What a dataset's folder was unpacked from; it lies in the folder and is written last. */
export interface CompletionStamp {
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

export function writeStamp(folder: string, stamp: CompletionStamp): void {
  writeAtomically(join(folder, stampName), `${JSON.stringify(stamp, null, 2)}\n`);
}

/** The stamp of a folder, null where there is none: its content was put there by hand. Throws on a damaged one, naming it. */
export function readStamp(folder: string): CompletionStamp | null {
  const path = join(folder, stampName);
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new Error(`${path} is damaged: delete the folder ${folder} and get the dataset again`, { cause });
  }
}
