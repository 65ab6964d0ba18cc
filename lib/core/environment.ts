import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { projectRoot, unlessMissing } from "./paths";

/** The machine, the software and the commit that produced numbers. */
export interface Environment {
  readonly node: string;
  readonly tensorflow: string;
  readonly platform: string;
  readonly device: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** The commit of the code, with "+changes" if files differ from it; null outside a git clone. */
  readonly commit: string | null;
}

/** What a record must say of its environment. */
export const environmentSchema: z.ZodType<Environment> = z.strictObject({
  node: z.string(),
  tensorflow: z.string(),
  platform: z.string(),
  device: z.string(),
  cores: z.int(),
  memoryGiB: z.number(),
  commit: z.string().nullable(),
});

/**
 * The environment of this process, which computes with the given version of TensorFlow on `device`.
 */
export function environmentOf({ tensorflow, device }: Pick<Environment, "tensorflow" | "device">): Environment {
  return {
    node: process.version,
    tensorflow,
    platform: `${process.platform} ${process.arch}`,
    device,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    commit: commitOf(),
  };
}

/**
 * The commit of the code that runs, with "+changes" if files differ from it; that of the clone from
 * which a bundle was packed; null if there is neither.
 */
export function commitOf(): string | null {
  const packed = unlessMissing(() => readFileSync(join(projectRoot(), "bundle.json"), "utf8"));
  // Around an unpacked bundle there may be a clone of something else.
  if (packed !== null) return commitIn(packed);
  const git = (...words: string[]): string =>
    execFileSync("git", words, { cwd: projectRoot(), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return (
      git("rev-parse", "HEAD") +
      (git("status", "--porcelain", "--", "lib", "package-lock.json") === "" ? "" : "+changes")
    );
  } catch {
    return null;
  }
}

const packedSchema = z.object({ commit: z.string().nullable() });

function commitIn(description: string): string | null {
  try {
    return packedSchema.parse(JSON.parse(description)).commit;
  } catch {
    return null;
  }
}
