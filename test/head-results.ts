import { execFileSync } from "node:child_process";
import { projectRoot } from "../lib/core/paths";

/**
 * The JSON files of results/ as git's HEAD has them, by their path below the repository's root;
 * none without a HEAD. Committed documents and notebooks agree with these, whereas a user's own run
 * changes files in results/ alone.
 */
export function headResults(): ReadonlyMap<string, string> {
  const names = git("ls-tree", "-r", "--name-only", "HEAD", "--", "results")?.split("\n") ?? [];
  const files = names.filter((name) => name.endsWith(".json"));
  return new Map(files.map((name) => [name, git("show", `HEAD:./${name}`) ?? ""]));
}

function git(...words: string[]): string | null {
  try {
    return execFileSync("git", words, { cwd: projectRoot(), encoding: "utf8", maxBuffer: 2 ** 28, stdio: "pipe" });
  } catch {
    return null;
  }
}
