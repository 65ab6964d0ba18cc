import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../../core/artifacts/store";
import { projectRoot } from "../../core/paths";

const folder = (): string => join(projectRoot(), ".venv-bench");
const requirements = (): string => join(projectRoot(), "lib", "bench", "peers", "requirements.txt");
const stamp = (): string => join(folder(), ".requirements.txt");

/** The Python of the peers' environment. */
export function peerPython(): string {
  return join(folder(), "bin", "python");
}

/**
 * Makes the peers' environment, apart from the project's own, unless it is up to date. Throws an
 * Error that says what to check if it cannot be made.
 */
export function makePeerEnvironment(): void {
  const wanted = readFileSync(requirements(), "utf8");
  if (existsSync(stamp()) && readFileSync(stamp(), "utf8") === wanted) return;
  rmSync(folder(), { recursive: true, force: true });
  run(join(projectRoot(), ".venv", "bin", "python"), ["-m", "venv", folder()]);
  run(peerPython(), ["-m", "pip", "install", "--quiet", "--requirement", requirements()]);
  writeAtomically(stamp(), wanted);
}

/** The versions of the peers' packages, from the file that pins them. */
export function peerVersions(): Readonly<Record<string, string>> {
  const lines = readFileSync(requirements(), "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split("==") as [string, string]));
}

function run(command: string, words: readonly string[]): void {
  const { status, error } = spawnSync(command, words, { stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  const reason = error?.message ?? `exit code ${status}`;
  throw new Error(
    `the peers' environment ${folder()} could not be made (${reason}): is the package index reachable, and are 3 GB free?`,
  );
}
